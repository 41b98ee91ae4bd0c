/// Where a post or an analyst finds its hub, and the key by which it knows it.
public struct HubAddress: Sendable, Decodable {
    /// Host name or address.
    public var host: String
    /// TCP port of the hub's control socket; it tells the others.
    public var control: Int
    /// The hub's public key file, handed over when the identity was enrolled.
    public var key: SettingsPath

    private enum CodingKeys: String, CodingKey { case host, control, key }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        host = try values.decode(String.self, forKey: .host)
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2F }) else {
            throw values.refusal(of: .host, "must be a host name or an address, without tcp:// and port")
        }
        control = try values.value(.control, default: 5560, in: 1...65_535)
        key = try values.decode(SettingsPath.self, forKey: .key)
    }

    public func endpoint(port: Int) -> String { "tcp://\(host):\(port)" }
}
