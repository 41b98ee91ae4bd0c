/// Where a post or an analyst finds its hub, and the key by which it knows it.
public struct HubAddress: Sendable, Decodable {
    public enum Host: Sendable, Equatable, CustomStringConvertible {
        case address(NumericAddress)
        /// To be looked up; it may have several addresses.
        case name(String)

        public var description: String {
            switch self {
            case .address(let address): address.description
            case .name(let name): name
            }
        }
    }

    /// Bytes of a name, at most (RFC 1035, 2.3.4).
    static let longestName = 253

    public var host: Host
    /// TCP port of the hub's control socket; it tells the others.
    public var control: Int
    /// The hub's public key file, handed over when the identity was enrolled.
    public var key: SettingsPath

    private enum CodingKeys: String, CodingKey { case host, control, key }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let text = try values.decode(String.self, forKey: .host)
        if NumericAddress(text) != nil {
            host = .address(try values.decode(NumericAddress.self, forKey: .host))
        } else if HubAddress.isName(text) {
            host = .name(text)
        } else {
            throw values.refusal(of: .host, "must be a host name or an address, without tcp:// and port")
        }
        control = try values.value(.control, default: 5560, in: 1...65_535)
        key = try values.decode(SettingsPath.self, forKey: .key)
    }

    /// What names may have besides letters, digits and `-`: a dot, and `_`, which some networks use all the same. A name in
    /// another script has an `xn--` form.
    private static func isName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The hub's control socket, for people: `hub.example:5560`, `[2001:db8::7]:5560`.
    public var place: String {
        switch host {
        case .address(let address): address.place(port: control)
        case .name(let name): "\(name):\(control)"
        }
    }
}
