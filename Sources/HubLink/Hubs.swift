internal import Identity
public import LogProof
internal import Platform
public import Settings

/// The hubs that a peer may talk to, where they are and by which keys, in the order in which it tries them.
public struct Hubs: Sendable {
    public let addresses: [HubAddress]
    public let known: KnownHub

    /// - state: the directory where the hubs' next keys are kept; nil: they are not. reader: whoever reads is spread over the hubs by
    ///   this name; nil: they are tried in the order of the settings.
    public init(_ list: HubList, state: String?, spreading reader: String? = nil) throws {
        var hubs = try list.all.map { ($0, try KeyFiles.readPublic($0.key.path)) }
        if let (address, keys) = hubs.enumerated().first(where: { place, hub in
            hubs[..<place].contains { $0.1.name == hub.1.name }
        })?.element {
            throw Failure(
                "\(address.key): the key of a second hub named \(keys.name)",
                remedy: "each hub has a name and keys of its own", status: .config)
        }
        if let reader { hubs.sort { Hubs.rank($0.1.name, reader) < Hubs.rank($1.1.name, reader) } }
        addresses = hubs.map(\.0)
        // With one hub the file is what it always was.
        known = try KnownHub(
            hubs.map { _, keys in
                let file = hubs.count == 1 ? HubKeyFile.name : "\(keys.name).keys.json"
                return (keys, state.map { Files.path(file, from: $0) })
            })
    }

    /// Rendezvous hashing: each reader has an order of its own, so that those of a hub that is lost spread over all others.
    private static func rank(_ hub: String, _ reader: String) -> UInt64 {
        sha256(Array("\(reader) \(hub)".utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// For people.
    public var places: String { addresses.map(\.place).joined(separator: ", ") }
}
