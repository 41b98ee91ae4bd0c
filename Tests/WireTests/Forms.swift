import Alerts
import Testing

@testable import Wire

/// A form of message: its golden file, and decoding followed by encoding.
struct Form: Sendable, CustomTestStringConvertible {
    var file: String
    /// Frames that encoding gives; later ones are ignored.
    var known: Int
    /// Whether there is only one way to write a message: control has JSON, which has many.
    var isExact: Bool
    var decodeAndEncode: @Sendable ([[UInt8]]) throws(Malformed) -> [[UInt8]]

    var testDescription: String { file }

    static let all = [
        Form(file: "post-header", known: 1, isExact: true) { frames throws(Malformed) in
            [try PostHeader(decoding: frames.first ?? []).encoded()]
        },
        Form(file: "ingest", known: 4, isExact: true) { frames throws(Malformed) in
            try IngestMessage(frames: frames).frames
        },
        Form(file: "delivery", known: 2, isExact: true) { frames throws(Malformed) in
            try FeedMessage(frames: frames).frames
        },
        Form(file: "heartbeat", known: 3, isExact: true) { frames throws(Malformed) in
            try FeedMessage(frames: frames).frames
        },
        Form(file: "page", known: 1, isExact: true) { frames throws(Malformed) in
            [PageRecord.encode(try PageRecord.decode(frames.first ?? []))]
        },
        Form(file: "request", known: 3, isExact: false) { frames throws(Malformed) in
            try Request(frames: frames).frames()
        },
        Form(file: "reply", known: 4, isExact: false) { frames throws(Malformed) in
            try Reply(frames: frames).frames()
        },
    ]
}

extension IngestMessage {
    var frames: [[UInt8]] {
        IngestMessage.frames(
            topic: topic,
            SignedAlert(header: header.encoded(), payload: signed.payload, signature: signed.signature))
    }
}

extension FeedMessage {
    var frames: [[UInt8]] {
        switch self {
        case .delivery(let topic, let delivery): [Array(topic.name.utf8), delivery.encoded()]
        case .heartbeat(let heartbeat): heartbeat.frames()
        }
    }
}
