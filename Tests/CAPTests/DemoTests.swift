import Alerts
import CAP
import Foundation
import Testing

@Suite("The demo's day as documents")
struct DemoTests {
    private static let demo = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("config/demo")
    /// When the drafts are completed: at the end of the day that they tell of.
    private static let evening = Timestamp(milliseconds: 1_764_003_600_000)

    private func day(of post: String) throws -> [Alert] {
        let file = try Data(contentsOf: DemoTests.demo.appendingPathComponent("\(post).jsonl"))
        return try file.split(separator: 0x0A).enumerated().map { number, line in
            let random = (0..<10).map { UInt8(truncatingIfNeeded: number >> (8 * (9 - $0))) }
            return try AlertDraft(Array(line)).completed(
                sender: post, now: DemoTests.evening,
                id: { AlertID(time: DemoTests.evening, random: random) }, provinces: try Reference.provinces()
            ).alert
        }
    }

    @Test("every alert of the day is a valid document, of either profile, and keeps the words of CAP")
    func valid() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var files: [String] = []
        for post in ["koh-kong", "prey-veng"] {
            let alerts = try day(of: post)
            var known: [AlertID: CAPDocument.Reference] = [:]
            for alert in alerts {
                let references = CAPDocument.referred(by: alert).compactMap { known[$0] }
                #expect(references.count == CAPDocument.referred(by: alert).count)
                for detail in Detail.allCases {
                    let document = CAPDocument(alert, references: references, try context(detail))
                    #expect(document.problems.isEmpty, "\(document.problems)")
                    known[alert.id] = document.reference
                    let file = directory.appendingPathComponent("\(document.identifier).\(detail).xml")
                    try Data(try document.encoded()).write(to: file)
                    files.append(file.path)
                }
            }
        }
        #expect(files.count >= 2 * 64)
        let (status, words) = try ValidatorTests.validate(files)
        #expect(status == 0, "\(words.prefix(2_000))")
    }
}
