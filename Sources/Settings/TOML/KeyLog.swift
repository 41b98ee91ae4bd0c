internal import Spelling
internal import Synchronization

/// Which keys the file's tables have, and which of them the type being decoded has asked for.
///
/// A class, since the decoder hands it down by reference. JSONDecoder wants what it hands down to be Sendable, hence
/// the mutex; one decoding runs on one thread.
final class KeyLog: Sendable {
    /// A key that nobody asked for.
    struct Stray {
        var path: String
        /// Full path of the known key that it resembles.
        var nearest: String?
    }

    private struct Table {
        var present: Set<String> = []
        var asked: Set<String> = []
    }

    private let tables = Mutex<[String: Table]>([:])

    func open(_ path: String, present: [String]) {
        tables.withLock { $0[path, default: Table()].present.formUnion(present) }
    }

    func ask(_ key: String, in path: String) {
        tables.withLock { _ = $0[path, default: Table()].asked.insert(key) }
    }

    /// By line.
    func strays(among keys: [String: KeyPlace]) -> [Stray] {
        let tables = tables.withLock { $0 }
        let known = tables.flatMap { path, table in table.asked.map { (path, $0) } }.sorted { $0 < $1 }
        var strays: [Stray] = []
        for (path, table) in tables {
            for key in table.present.subtracting(table.asked) {
                // In its own table first; else the very same word in another table, where it may belong.
                let near =
                    nearest(to: key, among: table.asked).map { (path, $0) }
                    ?? known.first { $0.1 == key }
                strays.append(
                    Stray(
                        path: joined(path, key),
                        nearest: near.map { joined($0.0, $0.1) }))
            }
        }
        return strays.sorted { left, right in
            (keys[left.path]?.line ?? 0, left.path) < (keys[right.path]?.line ?? 0, right.path)
        }
    }

    /// A key of the table that nobody asked for and that looks like the one that is missing.
    func stray(in path: String, insteadOf missing: String) -> Stray? {
        tables.withLock { tables in
            guard let table = tables[path] else { return nil }
            return nearest(to: missing, among: table.present.subtracting(table.asked)).map {
                Stray(path: joined(path, $0), nearest: joined(path, missing))
            }
        }
    }
}

/// A coding path as CTOML writes paths: `identity[2].name`.
func keyPath(_ keys: [any CodingKey]) -> String {
    keys.reduce(into: "") { path, key in
        // JSONDecoder's own key for an element of an array. (A table's key `9` has an integer value too.)
        if let index = key.intValue, key.stringValue == "Index \(index)" {
            path += "[\(index)]"
        } else {
            path = joined(path, key.stringValue)
        }
    }
}

private func joined(_ path: String, _ key: String) -> String {
    let bare = key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
    var part = key
    if !bare || key.isEmpty {
        part = "\""
        for character in key.unicodeScalars {
            if character == "\"" || character == "\\" { part.unicodeScalars.append("\\") }
            part.unicodeScalars.append(character)
        }
        part += "\""
    }
    return path.isEmpty ? part : path + "." + part
}
