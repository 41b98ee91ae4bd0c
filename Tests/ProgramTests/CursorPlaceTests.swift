import Foundation
import ProcessHarness
import Testing

/// What a cursor promises from its first moment on, and to whoever reads a pipe.
@Suite("A cursor's place")
struct CursorPlaceTests {
    @Test("a new cursor has its place before the first alert: what comes after a stop is printed then")
    func beforeTheFirst() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish([Draft.suspect("Before")], ["--wait", "100s"])
            let tail = try await deployment.national.tail(["--cursor", "desk"])
            let file = deployment.national.state + "/desk.cursor"
            let end = ContinuousClock.now + Testbed.patience
            while (try? String(contentsOfFile: file, encoding: .utf8))?.isEmpty ?? true,
                ContinuousClock.now < end
            {
                try await Task.sleep(for: .milliseconds(10))
            }
            await #expect(throws: Never.self) { try await tail.stop() }
            _ = try await deployment.post.publish([Draft.suspect("After")], ["--wait", "100s"])
            let again = try await deployment.national.run(
                "tail", ["--cursor", "desk", "--no-follow", "--format", "json"])
            #expect(try again.output.map { try TailLine(line: $0).alert.headline.en } == ["After"])
        }
    }

    /// The offsets in an output, each once.
    private func offsets(_ lines: [String], _ format: String) throws -> [Int] {
        switch format {
        case "json": return try lines.map { try TailLine(line: $0).offset }
        case "csv": return lines.dropFirst().compactMap { $0.split(separator: ",").first.flatMap { Int($0) } }
        default:
            return lines.compactMap { line in
                line.split(whereSeparator: { $0 == " " || $0 == "," }).first { $0.hasPrefix("#") }
                    .flatMap { Int($0.dropFirst()) }
            }
        }
    }

    @Test(
        "what a kill makes tail repeat into a pipe has the offset that it had: its reader can pass it over",
        arguments: ["text", "json", "csv"])
    func repeated(format: String) async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(2), ["--wait", "100s"])
            func tail() async throws -> [Int] {
                let account = try await deployment.national.run(
                    "tail", ["--cursor", "desk", "--no-follow", "--format", format])
                return try offsets(account.output, format)
            }
            #expect(try await tail() == [1, 2])
            // As a kill between an output and the cursor's move leaves it.
            let file = deployment.national.state + "/desk.cursor"
            let place = try Data(contentsOf: URL(fileURLWithPath: file))
            _ = try await deployment.post.publish(Draft.many(2), ["--wait", "100s"])
            let first = try await tail()
            try place.write(to: URL(fileURLWithPath: file))
            let second = try await tail()
            #expect(first == [3, 4] && second == [3, 4])
        }
    }

    @Test("a CSV file that was emptied under tail begins with its line of names again")
    func emptied() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let file = deployment.testbed.directory + "/alerts.csv"
            let tail = try await deployment.national.tail(
                ["--since", "0", "--format", "csv"], appendingTo: file)
            func settled(_ count: Int) async throws -> [String] {
                let end = ContinuousClock.now + Testbed.patience
                while true {
                    let lines = ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "")
                        .split(whereSeparator: \.isNewline).map(String.init)
                    if lines.count >= count || ContinuousClock.now > end { return lines }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            _ = try await deployment.post.publish([Draft.suspect("One")], ["--wait", "100s"])
            #expect(try await settled(2).count == 2)
            #expect(truncate(file, 0) == 0)
            _ = try await deployment.post.publish([Draft.suspect("Two")], ["--wait", "100s"])
            let lines = try await settled(2)
            #expect(lines.count == 2 && lines.first?.hasPrefix("offset,") == true, "\(lines)")
            try await tail.stop()
        }
    }
}
