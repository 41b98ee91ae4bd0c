import Foundation
import Identity
import Notation
import Testing

@testable import Wire

/// A file of golden frames (golden/README.md).
struct Golden<Means: Decodable & Sendable>: Decodable {
    var cases: [Case]

    struct Case: Decodable {
        var what: String
        var frames: [Frame]
        var means: Means?
        var error: String?
        var rewritten: Bool?
        var sameAs: String?

        var bytes: [[UInt8]] { frames.map(\.bytes) }
    }

    init(_ file: String) throws {
        self = try goldenDecoder().decode(Golden.self, from: try goldenFile(file))
    }
}

/// A frame as a golden file writes it.
struct Frame: Decodable {
    var bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let written = try decoder.singleValueContainer().decode(String.self)
        if written.hasPrefix("text:") {
            bytes = Array(written.dropFirst(5).utf8)
        } else if written.hasPrefix("hex:"),
            let bytes = [UInt8](hex: written.dropFirst(4).filter { $0 != " " })
        {
            self.bytes = bytes
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: written))
        }
    }
}

/// `what_it_is` in a file is `whatItIs` here.
func goldenDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
}

func goldenFile(_ file: String) throws -> Data {
    let url = try #require(Bundle.module.url(forResource: "golden/\(file)", withExtension: "json"))
    return try Data(contentsOf: url)
}

/// Takes whatever stands there.
struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
}
