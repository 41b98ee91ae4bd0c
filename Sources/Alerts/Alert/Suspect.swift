/// Who is suspected, as far as known. Personal data of a suspect, never of a victim.
public struct Suspect: Sendable, Hashable {
    /// What the suspect does in the traffic. From HTCDS 2.0 `per_RoleInProcess`, the roles that are not a victim's.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case recruiter
        case broker
        case transporter
        case smuggler
        case harbourer
        case exploiter
        case abuser
        case kidnapper
        case travellingPartner = "travelling-partner"
        case other
    }

    public struct AgeRange: Sendable, Hashable {
        /// Years, both included.
        public let min: Int
        public let max: Int
    }

    public struct Document: Sendable, Hashable {
        public enum DocumentType: String, Sendable, Hashable, CaseIterable {
            case passport
            case identityCard = "identity-card"
            case borderPass = "border-pass"
            case residencePermit = "residence-permit"
            case drivingLicence = "driving-licence"
            case other
        }

        public let type: DocumentType
        /// ISO 3166-1 alpha-2 code of the country that issued it.
        public let country: String
        public let number: String
    }

    public let role: Role
    public let aliases: [String]
    public let sex: Sex?
    /// nil when not known: then the suspect counts as a minor.
    public let ageRange: AgeRange?
    /// ISO 3166-1 alpha-2 code.
    public let nationality: String?
    public let documents: [Document]
    /// Scars, tattoos, clothes.
    public let marks: String?
    public let vehicle: Vehicle?

    public var mayBeMinor: Bool { (ageRange?.min ?? 0) < AgeBand.adult }
}
