internal import Notation
internal import Settings

/// Who may get alerts beyond this stream, and how much of them: `[export]` of analyst.toml.
public struct ExportSettings: Sendable, Equatable, Decodable {
    /// Names of destinations, of each list at most.
    static let most = 100
    /// Characters of a domain.
    static let longestDomain = 80

    /// Under which senders are known elsewhere; nil: nothing may leave.
    public var domain: String?
    /// The organisation that the analyst works for; nil: nothing may leave.
    public var organisation: String?
    public var partners: [String] = []
    public var community: [String] = []
    /// For whom a document is where the command line does not say; nil: it has to.
    public var destination: String?
    /// Whether all of an alert goes into its document, and not only what a receiver needs.
    public var isFull = false

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case domain, organisation, partners, community, destination, detail
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        domain = try values.decodeIfPresent(String.self, forKey: .domain)
        guard domain.map(ExportSettings.isDomain) ?? true else {
            throw values.refusal(
                of: .domain,
                "must be a domain of at most \(ExportSettings.longestDomain) of a-z, 0-9, - and .")
        }
        organisation = try values.decodeIfPresent(String.self, forKey: .organisation)
        let own = [organisation].compactMap { $0 }
        partners = try values.value(.partners, default: [])
        community = try values.value(.community, default: [])
        destination = try values.decodeIfPresent(String.self, forKey: .destination)
        for (key, names) in [
            (CodingKeys.organisation, own), (.partners, partners), (.community, community),
        ] {
            guard names.count <= ExportSettings.most else {
                throw values.refusal(of: key, "must have at most \(ExportSettings.most) names")
            }
            for name in names where !IdentityName.isValid(name) {
                throw values.refusal(of: key, IdentityName.rule)
            }
        }
        if let destination, !(own + partners + community).contains(destination) {
            throw values.refusal(of: .destination, "must be organisation, or one of partners or community")
        }
        switch try values.decodeIfPresent(String.self, forKey: .detail) ?? "minimal" {
        case "minimal": isFull = false
        case "full": isFull = true
        default: throw values.refusal(of: .detail, "must be \"minimal\" or \"full\"")
        }
    }

    private static func isDomain(_ text: String) -> Bool {
        guard (1...longestDomain).contains(text.utf8.count), let first = text.utf8.first, first != 0x2D,
            first != 0x2E
        else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E: true
            default: false
            }
        }
    }
}
