/// The hubs that a post or an analyst knows, in the order of its settings: one `[hub]`, or several `[[hub]]` that share a log.
public struct HubList: Sendable, Decodable {
    /// More than these no nation has.
    public static let most = 16

    /// At least one.
    public let all: [HubAddress]

    public var first: HubAddress { all[0] }

    public init(from decoder: any Decoder) throws {
        guard var list = try? decoder.unkeyedContainer() else {
            all = [try HubAddress(from: decoder)]
            return
        }
        var all: [HubAddress] = []
        while !list.isAtEnd { all.append(try list.decode(HubAddress.self)) }
        guard (1...HubList.most).contains(all.count) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "must be from 1 to \(HubList.most) hubs"))
        }
        self.all = all
    }
}
