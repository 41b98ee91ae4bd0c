import Platform
import ProcessHarness
import Settings

/// The drafts that a post must refuse, each with the very words written beside it.
enum BadDrafts {
    private static let largestFile = 1 << 16

    /// - Returns: how many there are, and the names of those that were not refused as they should.
    static func tryAll(_ post: TestPost, directory: String) async throws -> (count: Int, wrong: [String]) {
        var wrong: [String] = []
        let names = try Files.names(in: directory).filter { $0.hasSuffix(".json") }
        for name in names {
            let path = "\(directory)/\(name)"
            let errors = try Files.read(path.dropLast(5) + ".error", limit: largestFile)
            let wanted = String(decoding: errors, as: UTF8.self).split(separator: "\n").map { "  " + $0 }
            let account = try await post.run(["publish", "--file", path])
            let isRefused =
                account.status == ExitStatus.dataError.rawValue && account.output.isEmpty
                && Array(account.talk.dropFirst()) == wanted
            if !isRefused { wrong.append(name) }
        }
        return (names.count, wrong)
    }
}
