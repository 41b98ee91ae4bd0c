/// The ranges of numbers in bodies (PROTOCOL.md, "Control"), checked as they come in: whoever gets a request or a reply can
/// calculate with it.
private func check(
    _ name: String, _ value: UInt64?, atLeast least: UInt64 = 0, atMost most: UInt64 = WireLimits.number
) throws(Malformed) {
    guard let value else { return }
    guard value >= least, value <= most else { throw Malformed("\(name): \(value) is out of range") }
}

private func check(_ topics: [Reply.TopicSequence]) throws(Malformed) {
    for topic in topics {
        try check("topics.number", UInt64(topic.number), atLeast: 1)
        try check("topics.sequence", topic.sequence)
        if let chain = topic.chain, chain.bytes.count != PageRecord.digestLength {
            throw Malformed("topics.chain: \(chain.bytes.count) bytes, \(PageRecord.digestLength) expected")
        }
    }
}

private func checkPort(_ name: String, _ port: Int?) throws(Malformed) {
    guard let port else { return }
    guard (1...65_535).contains(port) else { throw Malformed("\(name): \(port) is no port") }
}

private func check(_ successor: Succession?) throws(Malformed) {
    guard let successor, !successor.isWhole else { return }
    throw Malformed("successor: a part has another length than it should")
}

private func checkKey(_ successor: HexBytes?) throws(Malformed) {
    guard let successor, successor.bytes.count != Succession.keyLength else { return }
    throw Malformed("successor: \(successor.bytes.count) bytes, \(Succession.keyLength) expected")
}

extension Request {
    func checkBounds() throws(Malformed) {
        try check("request", number, atLeast: 1)
        switch self {
        case .hello(let body):
            try check("last", body.last)
            try checkKey(body.successor)
        case .alive(let body):
            try check("depth", body.depth)
            try checkKey(body.successor)
        case .replay(let body): try check("after", body.after)
        case .checkpoint(let body): try check("offset", body.offset)
        // The hub refuses these with a limit's code, which needs the number of the request.
        case .outcomes, .find, .related, .locate, .status, .withdraw, .erase, .seen, .silent: break
        case .shown(let body): try body.checkBounds()
        case .compromised(let body): try check("after", body.after)
        }
    }
}

extension Reply {
    func checkBounds() throws(Malformed) {
        switch self {
        case .welcome(let body):
            try check("request", body.request, atLeast: 1)
            try check("offset", body.offset)
            try check("through", body.through)
            try checkPort("ingest", body.ingest)
            try checkPort("feed", body.feed)
            try check(body.topics)
            try check(body.successor)
        case .alive(let body):
            try check("request", body.request, atLeast: 1)
            try check(body.successor)
        case .acknowledged(let body): try body.checkBounds()
        case .resume(let body): try check("from", body.from, atLeast: 1)
        case .page(let body, _):
            try check("request", body.request, atLeast: 1)
            try check("after", body.after)
            try check("through", body.through, atLeast: body.after)
            try check("head", body.head)
            try check("count", UInt64(exactly: body.count) ?? .max)
            try check(body.topics)
        case .located(let body):
            try check("request", body.request, atLeast: 1)
            try check("after", body.after)
        case .related(let body):
            try check("request", body.request, atLeast: 1)
            guard body.matches.count <= WireLimits.related else {
                throw Malformed("matches: \(body.matches.count), at most \(WireLimits.related)")
            }
        case .checkpoint(let body):
            try check("request", body.request, atLeast: 1)
            try check(body.topics ?? [])
            for node in body.proof ?? [] where node.bytes.count != PageRecord.digestLength {
                throw Malformed("proof: \(node.bytes.count) bytes, \(PageRecord.digestLength) expected")
            }
        case .shown(let body): try check("request", body.request, atLeast: 1)
        case .seen(let body):
            try check("request", body.request, atLeast: 1)
            try check("offset", body.offset, atLeast: 1)
            try check("onDuty", UInt64(exactly: body.onDuty) ?? .max)
            try check("seenBy", UInt64(exactly: body.seenBy) ?? .max)
        case .silent(let body):
            try check("request", body.request, atLeast: 1)
            guard body.posts.count <= WireLimits.silent else {
                throw Malformed("posts: \(body.posts.count), at most \(WireLimits.silent)")
            }
        case .answered(let body):
            for answer in body.alerts { try check("alerts.offset", answer.offset, atLeast: 1) }
        case .refused(let body):
            try check("request", body.request, atLeast: 1)
            try check("sequence", body.sequence, atLeast: 1)
        case .status(let body): try check("request", body.request, atLeast: 1)
        case .noticed(let body):
            try check("request", body.request, atLeast: 1)
            try check("offset", body.offset, atLeast: 1)
        case .compromised(let body):
            try check("request", body.request, atLeast: 1)
            try check("through", body.through)
            try check("head", body.head)
        }
    }
}

extension Request.Shown {
    fileprivate func checkBounds() throws(Malformed) {
        for topic in topics {
            try check("topics.number", UInt64(topic.number), atLeast: 1)
            for range in topic.ranges {
                guard range.count == 2 else {
                    throw Malformed("shown: ranges must hold a first and a last sequence")
                }
                try check("shown: first", range[0], atLeast: 1)
                try check("shown: last", range[1], atLeast: range[0])
            }
        }
    }
}

extension Reply.Acknowledged {
    fileprivate func checkBounds() throws(Malformed) {
        try check("request", request, atLeast: 1)
        try check("through", through)
        for run in stored {
            guard run.count == 3 else {
                throw Malformed("acknowledged: stored must hold runs of three numbers")
            }
            try check("stored: sequence", run[0], atLeast: 1)
            try check("stored: offset", run[1], atLeast: 1)
            try check(
                "stored: count", run[2], atLeast: 1, atMost: WireLimits.number - max(run[0], run[1]) + 1)
        }
        guard sums?.count ?? stored.count == stored.count else {
            throw Malformed("acknowledged: sums must have one entry for each run")
        }
        for refusal in refused { try check("refused: sequence", refusal.sequence, atLeast: 1) }
    }
}
