internal import AlertFeed
internal import Alerts
internal import Wire

/// A hub that keeps to nothing, before an analyst's stream.
extension FuzzedDecoder {
    /// Each message is one of the feed, or a reply on control; an empty one is a reply that does not come. Numbers of requests
    /// are put right, as the reader passes over replies to others.
    func stream(_ messages: [[UInt8]]) -> String? {
        var stream = FeedStream(.everything, after: 0, log: nil, chains: TopicChains([:]))
        var asked: UInt64 = 0
        var emitted: UInt64 = 0
        for message in messages {
            let before = stream.position
            let actions = FuzzedDecoder.actions(&stream, Frames.split(message), asked)
            for action in actions {
                switch action {
                case .replay(let request):
                    guard request.request > asked else { return "asks twice under one number" }
                    asked = request.request
                case .emit(let alert):
                    guard alert.offset > emitted, alert.offset <= stream.position else {
                        return "gives an alert twice, or not in order"
                    }
                    emitted = alert.offset
                case .caughtUp(let offset):
                    guard offset <= stream.position, offset >= emitted else { return "is at another place" }
                case .otherLog, .forked, .broken: return nil
                }
            }
            guard stream.position >= before else { return "goes back" }
        }
        return nil
    }

    private static func actions(
        _ stream: inout FeedStream, _ frames: [[UInt8]], _ asked: UInt64
    ) -> [FeedStream.Action] {
        if frames.isEmpty { return stream.askAgain() }
        if let message = try? FeedMessage(frames: frames) { return stream.received(message) }
        switch try? Reply(frames: frames) {
        case .welcome(let welcome): return stream.welcomed(welcome)
        case .page(var page, let bytes):
            guard let records = try? PageRecord.decode(bytes) else { return [] }
            page.request = asked
            return stream.received(page, records)
        default: return []
        }
    }
}
