public import Platform
internal import Settings

/// How long content is kept after an alert has expired, by what it is of; and how long it is known who read.
public struct RetentionSettings: Sendable, Decodable {
    /// The longest period that can be set: ten years.
    static let longest = Duration.seconds(3_653 * 86_400)

    public var movement = Duration.seconds(30 * 86_400)
    public var suspect = Duration.seconds(365 * 86_400)
    /// Exercises and tests.
    public var exercise = Duration.seconds(7 * 86_400)
    /// How long it is known who read what.
    public var audit = Duration.seconds(365 * 86_400)
    /// Size of it; beyond it the oldest events of whoever has most of one kind are forgotten before their time, and the log
    /// says so.
    public var auditSize = ByteCount.mebibytes(1_024)

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case movement, suspect, exercise, audit
        case auditSize = "audit_size"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let range = Duration.zero...RetentionSettings.longest
        movement = try values.value(.movement, default: movement, in: range)
        suspect = try values.value(.suspect, default: suspect, in: range)
        exercise = try values.value(.exercise, default: exercise, in: range)
        audit = try values.value(.audit, default: audit, in: .seconds(86_400)...RetentionSettings.longest)
        auditSize = try values.value(
            .auditSize, default: auditSize, in: .mebibytes(1)...(.mebibytes(1_048_576)))
    }
}
