/// What has to be known of an alert to acknowledge it.
public struct AckSubject: Sendable, Equatable {
    public var kind: Kind
    public var status: Status
    /// One that it concerns.
    public var province: String

    public init(kind: Kind, status: Status, province: String) {
        (self.kind, self.status, self.province) = (kind, status, province)
    }
}
