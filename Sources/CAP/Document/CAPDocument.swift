public import Alerts

/// A message of OASIS CAP 1.2, with every element that the schema has but the signature. A value; what is in it need not be an
/// alert of this house.
public struct CAPDocument: Sendable, Equatable {
    public static let namespace = "urn:oasis:names:tc:emergency:cap:1.2"

    /// A `valueName` with its `value`.
    public struct Pair: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What a message is called by in other messages: `sender,identifier,sent`.
    public struct Reference: Sendable, Hashable {
        public var sender: String
        public var identifier: String
        public var sent: Timestamp

        public init(sender: String, identifier: String, sent: Timestamp) {
            self.sender = sender
            self.identifier = identifier
            self.sent = sent
        }

        public var text: String { "\(sender),\(identifier),\(sent.rfc3339())" }
    }

    public struct Resource: Sendable, Equatable {
        public var description = ""
        public var mimeType = ""
        public var size: String?
        public var uri: String?
        public var derefURI: String?
        public var digest: String?
    }

    public struct Area: Sendable, Equatable {
        public var description = ""
        public var polygons: [String] = []
        public var circles: [String] = []
        public var geocodes: [Pair] = []
        public var altitude: String?
        public var ceiling: String?
    }

    /// What is said, in one language.
    public struct Info: Sendable, Equatable {
        /// The schema's default where a document names none.
        public var language = "en-US"
        public var categories: [String] = []
        public var event = ""
        public var responseTypes: [String] = []
        public var urgency = ""
        public var severity = ""
        public var certainty = ""
        public var audience: String?
        public var eventCodes: [Pair] = []
        public var effective: Timestamp?
        public var onset: Timestamp?
        public var expires: Timestamp?
        public var senderName: String?
        public var headline: String?
        public var description: String?
        public var instruction: String?
        public var web: String?
        public var contact: String?
        public var parameters: [Pair] = []
        public var resources: [Resource] = []
        public var areas: [Area] = []
    }

    public var identifier = ""
    public var sender = ""
    public var sent = Timestamp(milliseconds: 0)
    public var status = ""
    public var messageType = ""
    public var source: String?
    public var scope = ""
    public var restriction: String?
    public var addresses: String?
    public var codes: [String] = []
    public var note: String?
    public var references: [Reference] = []
    /// Separated by spaces, one that has a space in quotation marks.
    public var incidents: String?
    public var infos: [Info] = []

    public init() {}

    /// By which other messages refer to this one.
    public var reference: Reference { Reference(sender: sender, identifier: identifier, sent: sent) }
}
