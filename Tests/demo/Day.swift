import Alerts
import FoundationEssentials
import Platform
import ProcessHarness
import Settings

/// What a post's officers write in a day, and who should read it, found out from the drafts alone: not with the code that
/// routes and filters alerts.
struct Day {
    /// Bytes in a day's file, at most: 1 MiB.
    private static let largestFile = 1 << 20

    struct Draft {
        /// The JSON line as written.
        var line: String
        var kind: String
        /// Codes of the provinces that it names.
        var provinces: Set<String>
        var isExercise: Bool
    }

    var post: String
    var drafts: [Draft]

    init(post: String, file: String, provinces: ProvinceDirectory) throws {
        self.post = post
        let text = String(decoding: try Files.read(file, limit: Day.largestFile), as: UTF8.self)
        let made = AlertID(
            time: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)), random: []
        ).description.prefix(13)
        // What was last seen was seen before it was written, at whatever hour the demo runs.
        let yesterday = Timestamp(milliseconds: wallClockMilliseconds() - 86_400_000).rfc3339().prefix(11)
        drafts = try text.split(separator: "\n").map { line in
            // The day is played today, and an id must not be older than its alert.
            let line = line.replacing(/019ab[0-9a-f]{3}-[0-9a-f]{4}(?=-7)/, with: made)
                .replacing("2025-11-24T", with: yesterday)
            let fields = try JSONDecoder().decode(Fields.self, from: Data(line.utf8))
            return Draft(
                line: String(line), kind: fields.kind,
                provinces: Set(fields.provinces.compactMap { provinces.find($0)?.code }),
                isExercise: fields.status == "Exercise")
        }
    }

    private struct Fields: Decodable {
        var kind: String
        var provinces: [String]
        var status: String?
    }
}

/// What `publish --format json` said of one draft.
struct Answer: Decodable {
    var id: String?
    var sequence: Int?
    var state: String
    var offset: Int?
    var reason: String?

    init(line: String) throws {
        self = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
    }
}
