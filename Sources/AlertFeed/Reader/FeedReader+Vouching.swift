internal import Alerts
internal import Wire
internal import LogProof
internal import ZeroMQ

/// A question for a checkpoint, with what its answer is for.
struct CheckpointQuestion {
    enum Purpose {
        /// Whether the log still continues the kept checkpoint: before that the welcome is not believed.
        case kept(Reply.Welcome)
        /// Where the topics stand at the offset after which the stream begins.
        case start(Reply.Welcome, log: UInt64?)
        /// Whether they stand where the stream has come to.
        case reached([UInt32: TopicMark])
    }

    var request: UInt64
    var offset: UInt64
    var selection: Selection
    var purpose: Purpose
    var since: Duration
}

// What the hub must vouch for with its signature (PROTOCOL.md, "Reading a feed").
extension FeedReader {
    /// How often the hub has to vouch for what a running stream has come to.
    static let vouching = Duration.seconds(10)

    /// A hub that has signed a checkpoint must show that its log still continues it.
    func doubt(_ welcome: Reply.Welcome, _ now: Duration) throws {
        guard let offset = try plan.keeper.question(welcome), let grant = Grant(slugs: welcome.read),
            !grant.isEmpty
        else { return try welcomed(welcome, now) }
        try ask(.kept(welcome), at: offset, of: try selection(of: welcome, grant), now)
    }

    func ask(
        _ purpose: CheckpointQuestion.Purpose, at offset: UInt64, of selection: Selection, _ now: Duration
    ) throws {
        request += 1
        question = CheckpointQuestion(
            request: request, offset: offset, selection: selection, purpose: purpose, since: now)
        _ = try sockets.control.watched.socket.send(
            Request.checkpoint(
                Request.Checkpoint(request: request, offset: offset, topics: selection.names)
            ).frames())
    }

    func vouched(_ answer: Reply.Checkpoint, _ now: Duration) throws {
        guard let asked = question else { return }
        question = nil
        progress(now)
        let checkpoint = answer.checkpoint.checkpoint
        try plan.keeper.check(answer.checkpoint)
        guard checkpoint.offset == asked.offset else {
            throw plan.keeper.refusal("the hub answers for another offset than it was asked for")
        }
        let marks = try plan.keeper.marks(in: answer).filter { _, named in
            Topic(named.topic).map { asked.selection.contains($0) } ?? false
        }.mapValues(\.mark)
        switch asked.purpose {
        case .kept(let welcome):
            try plan.keeper.confirm(answer.checkpoint)
            proven = (asked.offset, marks)
            vouchedThrough = max(vouchedThrough, asked.offset)
            try welcomed(welcome, now)
        case .start(let welcome, let log):
            guard stream == nil, checkpoint.log == welcome.log.value else { return }
            var chains = TopicChains(marks)
            if let proven { chains.expect(proven.marks, at: proven.offset) }
            try begin(
                FeedStream(asked.selection, after: asked.offset, log: log, chains: chains), welcome, now)
        case .reached(let own):
            guard checkpoint.log == stream?.log else { return }
            guard own == marks else {
                throw plan.keeper.refusal(
                    "what was read up to offset \(asked.offset) is not what the hub has signed for it")
            }
            vouchedThrough = asked.offset
            nextVouching = now + FeedReader.vouching
            try plan.keeper.keep(answer.checkpoint)
        }
    }

    /// Asks the hub to vouch for the stream's position.
    /// - Returns: false when there is nothing to ask.
    func vouch(_ now: Duration) throws -> Bool {
        guard let stream, let chains = stream.chains, stream.position > vouchedThrough else { return false }
        try ask(.reached(chains.marks), at: stream.position, of: stream.selection, now)
        return true
    }

    func keepVouching(_ now: Duration) throws {
        if let question {
            guard now - question.since >= FeedReader.patience else { return }
            self.question = nil
            // Of a running stream it is asked again at the next turn; before one begins the welcome leads there again.
            if case .reached = question.purpose { nextVouching = now } else { try greet(now) }
        } else if now >= nextVouching {
            _ = try vouch(now)
        }
    }
}
