internal import Glibc

/// A numeric IPv4 or IPv6 address; the latter with the interface where it needs one, as in `fe80::1%eth0` (RFC 4007).
public struct NumericAddress: Sendable, Hashable, CustomStringConvertible {
    /// As inet_ntop(3) writes it, with `%` and the interface behind it; without brackets. An IPv4 address that is written as
    /// an IPv6 one (`::ffff:192.0.2.7`) is the IPv4 address.
    public let description: String
    public let isSix: Bool

    /// All interfaces.
    public static let everyFour = NumericAddress(four: in_addr())

    private init(four: in_addr) {
        var four = four
        self.init(description: NumericAddress.text(AF_INET, &four), isSix: false)
    }

    private init(description: String, isSix: Bool) {
        self.description = description
        self.isSix = isSix
    }

    /// nil when it is neither; an IPv6 address may stand in brackets.
    public init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(four: four)
            return
        }
        let inner = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
        let parts = inner.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var six = in6_addr()
        guard let first = parts.first, inet_pton(AF_INET6, String(first), &six) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &six) { Array($0) }
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]), parts.count == 1 {
            self.init(four: in_addr(s_addr: bytes[12...].reversed().reduce(0) { $0 << 8 | UInt32($1) }))
            return
        }
        var scope = ""
        if parts.count == 2 {
            guard NumericAddress.isInterface(parts[1]) else { return nil }
            scope = "%\(parts[1])"
        }
        self.init(description: NumericAddress.text(AF_INET6, &six) + scope, isSix: true)
    }

    /// An address of 4 bytes, or of 16 for IPv6, as they go over the wire; nil for any other number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let isSix = bytes.count == 16
        self.init(description: NumericAddress.text(isSix ? AF_INET6 : AF_INET, bytes), isSix: isSix)
    }

    private static func text(_ family: Int32, _ bytes: UnsafeRawPointer) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // Cannot fail: the family is one, and the buffer large enough.
        guard let text = inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) else { return "" }
        return String(cString: text)
    }

    /// Up to 15 visible characters, which are no part of an endpoint (netdevice(7)).
    private static func isInterface(_ name: Substring) -> Bool {
        (1...15).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"%/:[]".utf8.contains($0) }
    }

    /// The interface behind `%`; nil without one.
    public var interface: String? {
        description.split(separator: "%", maxSplits: 1).dropFirst().first.map(String.init)
    }

    /// Whether it says nothing without an interface, and has none: fe80::/10 is on every one.
    public var lacksInterface: Bool {
        isSix && interface == nil
            && ["fe8", "fe9", "fea", "feb"].contains { description.hasPrefix($0) }
    }

    /// Whether the interface is not on this machine now.
    public var isInterfaceMissing: Bool { interface.map { if_nametoindex($0) == 0 } ?? false }

    /// For a URL or an endpoint: `[::1]`, `127.0.0.1`.
    public var inEndpoint: String { isSix ? "[\(description)]" : description }

    /// `[::1]:5560`, `127.0.0.1:5560`.
    public func place(port: Int) -> String { "\(inEndpoint):\(port)" }

    /// Every address of the machine: `::`, which takes IPv4 too, or `0.0.0.0`.
    public var isEvery: Bool { description == "::" || description == "0.0.0.0" }

    /// Whether who listens on this and who listens on that, on one port, are in each other's way.
    public func overlaps(_ other: NumericAddress) -> Bool {
        self == other || description == "::" || other.description == "::"
            || (isSix == other.isSix && (isEvery || other.isEvery))
    }

    /// Where the machine itself reaches who listens on this.
    public var fromHere: NumericAddress {
        guard isEvery else { return self }
        return isSix ? NumericAddress("::1") ?? self : NumericAddress("127.0.0.1") ?? self
    }
}

extension NumericAddress: Decodable {
    static let settingRule = "a numeric address such as \"0.0.0.0\", \"192.0.2.7\" or \"::\", without a port"

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        guard let address = NumericAddress(try value.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: value, debugDescription: "must be \(NumericAddress.settingRule)")
        }
        guard !address.lacksInterface else {
            throw DecodingError.dataCorruptedError(
                in: value,
                debugDescription:
                    "must name the interface too, since each has such addresses: \(address)%eth0")
        }
        self = address
    }
}
