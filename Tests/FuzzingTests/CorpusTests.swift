import Foundation
import Fuzzing
import Testing

/// What the fuzzer has found, without a fuzzer: its corpus and every input that once ended a decoder.
@Suite("Fuzzed decoders")
struct CorpusTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fuzz")

    @Test(
        "every input of the corpus is taken or refused, and means what it says",
        arguments: FuzzedDecoder.allCases)
    func corpus(decoder: FuzzedDecoder) throws {
        let inputs = try corpus(of: decoder)
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs { #expect(decoder.complaint(about: bytes) == nil, "\(name)") }
    }

    @Test("what once broke a decoder doesn't any more", arguments: FuzzedDecoder.allCases)
    func crashes(decoder: FuzzedDecoder) throws {
        for (name, bytes) in try crashes(of: decoder) {
            #expect(decoder.complaint(about: bytes) == nil, "\(name)")
        }
    }

    @Test("a good input cut at any length, or with any byte changed, is refused or means what it says")
    func changes() throws {
        for decoder in FuzzedDecoder.allCases where decoder != .secretKey && decoder != .drafts {
            let inputs = try corpus(of: decoder).sorted { $0.bytes.count > $1.bytes.count }
            for (name, bytes) in inputs.filter({ $0.bytes.count <= 1_000 }).prefix(1) {
                for place in bytes.indices {
                    var changed = bytes
                    changed[place] ^= 0x80
                    #expect(decoder.complaint(about: changed) == nil, "\(name)")
                    #expect(decoder.complaint(about: Array(bytes.prefix(place))) == nil, "\(name)")
                }
            }
        }
    }

    @Test("frames are split as they were joined")
    func frames() {
        let frames: [[UInt8]] = [[1, 2], [], Array(repeating: 7, count: 300)]
        #expect(Frames.split(Frames.join(frames)) == frames)
        #expect(Frames.split([0, 9, 1]) == [[1]])
    }

    /// One file, packed as frames are.
    private func corpus(of decoder: FuzzedDecoder) throws -> [(name: String, bytes: [UInt8])] {
        let path = CorpusTests.root.appendingPathComponent("corpus/\(decoder.rawValue)")
        return Frames.split(Array(try Data(contentsOf: path))).enumerated().map { ("number \($0)", $1) }
    }

    private func crashes(of decoder: FuzzedDecoder) throws -> [(name: String, bytes: [UInt8])] {
        let directory = CorpusTests.root.appendingPathComponent("crashes/\(decoder.rawValue)")
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted().map {
            ($0, Array(try Data(contentsOf: directory.appendingPathComponent($0))))
        }
    }
}
