import CAP
import Foundation
import Testing

@Suite("Documents under the OASIS schema itself")
struct ValidatorTests {
    /// `xmllint` of libxml2-utils, which the Makefile installs.
    static func validate(_ files: [String]) throws -> (status: Int32, words: String) {
        let schema = try #require(Bundle.module.path(forResource: "cap12", ofType: "xsd"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/xmllint")
        process.arguments = ["--noout", "--nonet", "--schema", schema] + files
        let talk = Pipe()
        process.standardError = talk
        try process.run()
        let words = try talk.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: words, as: UTF8.self))
    }

    @Test("every generated alert's document is valid", arguments: [Detail.full, .minimal])
    func generated(detail: Detail) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "cap-\(detail)-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var maker = AlertMaker(seed: 31)
        var files: [String] = []
        for number in 0..<150 {
            let alert = try maker.next()
            let document = CAPDocument(alert, references: references(of: alert), try context(detail))
            let file = directory.appendingPathComponent("\(number).xml")
            try Data(try document.encoded()).write(to: file)
            files.append(file.path)
        }
        let (status, words) = try ValidatorTests.validate(files)
        #expect(status == 0, "\(words.prefix(2_000))")
    }

    @Test("this reader and the schema agree on what they take and refuse")
    func agreement() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("cap-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (changes, isTaken) in [(SchemaTests.taken, true), (SchemaTests.refused, false)] {
            for (what, change) in changes {
                let file = directory.appendingPathComponent("one.xml")
                try Data(Written().with(change).text.utf8).write(to: file)
                let (status, words) = try ValidatorTests.validate([file.path])
                #expect((status == 0) == isTaken, "\(what): \(words)")
            }
        }
    }
}
