public import Alerts

/// Who may get what: an alert's handling, enforced. A value; what it does not allow stays.
public struct HandlingPolicy: Sendable, Equatable {
    /// TLP 2.0's circles, the narrowest first.
    public enum Circle: Sendable, Equatable {
        /// The organisation that this program works for.
        case organisation
        /// Those with whom it works, and who need to know.
        case partner
        /// Others of its community.
        case community
    }

    /// Why an alert stays.
    public enum Objection: Sendable, Equatable, CaseIterable {
        /// Anyone in it may be under 18, or nobody knows.
        case possibleMinor
        case red
        case notTheOrganisation
        case noPartner

        /// A part of a sentence.
        public var reason: String {
            switch self {
            case .possibleMinor: "somebody in it may be a minor: that never leaves"
            case .red: "TLP:RED never leaves"
            case .notTheOrganisation: "TLP:AMBER+STRICT leaves for the settings' own organisation alone"
            case .noPartner: "TLP:AMBER leaves for the organisation and its partners alone"
            }
        }
    }

    public var organisation: String
    public var partners: Set<String>
    public var community: Set<String>

    public init(organisation: String, partners: Set<String> = [], community: Set<String> = []) {
        self.organisation = organisation
        self.partners = partners
        self.community = community
    }

    /// Everyone whom anything may leave for, the organisation first.
    public var destinations: [String] {
        [organisation] + partners.union(community).subtracting([organisation]).sorted()
    }

    /// nil: the settings don't name it, and nothing leaves for it.
    public func circle(of destination: String) -> Circle? {
        if destination == organisation { return .organisation }
        if partners.contains(destination) { return .partner }
        return community.contains(destination) ? .community : nil
    }

    /// nil: it may leave.
    public func objection(to alert: Alert, for circle: Circle) -> Objection? {
        if alert.mayConcernMinor { return .possibleMinor }
        switch alert.handling {
        case .red: return .red
        case .amberStrict: return circle == .organisation ? nil : .notTheOrganisation
        case .amber: return circle == .community ? .noPartner : nil
        case .green: return nil
        }
    }
}
