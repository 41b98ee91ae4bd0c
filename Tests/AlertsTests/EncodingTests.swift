import Foundation
import JSON
import Testing

@testable import Alerts

@Suite("How an alert is written")
struct EncodingTests {
    /// Foundation's writer, told to sort, is the measure: its bytes are those that posts have signed so far.
    private func sorted(_ bytes: [UInt8]) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(bytes))
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    @Test("members come in the order of their names, in every object")
    func order() throws {
        for sample in [Sample.suspect, .movement, .sighting, .ack] {
            let written = try decoded(sample).encoded()
            #expect(String(decoding: written, as: UTF8.self) == (try sorted(written)))
            #expect(try Alert.decode(written, provinces: try Reference.provinces()).encoded() == written)
        }
    }

    @Test("every character of ASCII, and those that JSON escapes, read back as they were put")
    func escapes() throws {
        let text =
            String(String.UnicodeScalarView((0...0x7F).compactMap { Unicode.Scalar($0 as UInt32) }))
            + "កោះ/\u{2028}"
        var writer = JSONWriter()
        writer.object { $0.put("text", text) }
        #expect(try JSONDocument(writer.bytes).root["text"]?.string == text)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == (try sorted(writer.bytes)))
    }

    @Test("what is absent leaves no member, no comma and no empty list")
    func absent() {
        var writer = JSONWriter()
        writer.object { object in
            object.put("a", nil as String?)
            object.put("b", [String]())
            object.put("c", 7)
            object.put("d", nil as Int?)
            object.put("e") { $0.put("f", true) }
            object.put("g", ["1", "2"])
            object.put("h", [1, 2]) { writer, number in writer.object { $0.put("n", number) } }
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"c":7,"e":{"f":true},"g":["1","2"],"h":[{"n":1},{"n":2}]}"#)
    }
}
