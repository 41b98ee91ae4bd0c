internal import FoundationEssentials
internal import JSON

/// Control messages on the wire: `[control header, verb, JSON body]`, and one frame of records after a page's body.
///
/// Members of a body that this version doesn't know are ignored, frames after the known ones too: that is how the
/// protocol grows within a version.
enum ControlFrames {
    /// Bytes of a verb.
    static let longestVerb = 32

    /// The first frame of each message.
    private static let header: [UInt8] = {
        var header = ByteWriter(reserving: 4)
        Preamble.put(.control, into: &header)
        return header.bytes
    }()
    private static let acknowledged = Array("acknowledged".utf8)

    static func encode(_ verb: String, _ body: some Encodable, _ data: [UInt8]? = nil) -> [[UInt8]] {
        [header, Array(verb.utf8), json(body)] + (data.map { [$0] } ?? [])
    }

    static func json(_ body: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Our own bodies hold only integers, strings and arrays of them, which always encode.
        return Array((try? encoder.encode(body)) ?? Data("{}".utf8))
    }

    /// - name: of what it is, for what is said of a broken one.
    static func decode<Body: Decodable>(
        _: Body.Type, _ body: [UInt8], of name: String
    ) throws(Malformed) -> Body {
        try Parts(verb: name, body: body).decode(Body.self)
    }

    /// One for each batch and post, with a run for each alert where two posts take turns: written without an encoder, which
    /// took a tenth of the hub's time.
    static func encode(_ body: Reply.Acknowledged) -> [[UInt8]] {
        guard body.refused.isEmpty else { return encode("acknowledged", body) }
        var json = ByteWriter(reserving: 128 + body.stored.count * 64)
        json.put("{\"epoch\":\"")
        json.putHex(body.epoch.value)
        json.put("\",\"refused\":[],")
        if let request = body.request {
            json.put("\"request\":")
            json.putDigits(request)
            json.put(",")
        }
        json.put("\"stored\":[")
        for (index, run) in body.stored.enumerated() {
            json.put(index == 0 ? "[" : ",[")
            for (place, number) in run.enumerated() {
                if place > 0 { json.put(",") }
                json.putDigits(number)
            }
            json.put("]")
        }
        json.put("],")
        if let sums = body.sums {
            json.put("\"sums\":[")
            for (index, sum) in sums.enumerated() {
                json.put(index == 0 ? "\"" : ",\"")
                sum.put(into: &json)
                json.put("\"")
            }
            json.put("],")
        }
        json.put("\"through\":")
        json.putDigits(body.through)
        json.put("}")
        return [header, acknowledged, json.bytes]
    }

    struct Parts {
        var verb: String
        var body: [UInt8]
        var data: [UInt8]?

        init(verb: String, body: [UInt8]) {
            self.verb = verb
            self.body = body
        }

        init(_ frames: [[UInt8]]) throws(Malformed) {
            guard let first = frames.first else { throw Malformed("control: no frames") }
            var reader = ByteReader(first)
            try Preamble.check(.control, in: &reader)
            guard reader.isAtEnd else { throw Malformed("control header: bytes after its end") }
            guard frames.count >= 3 else {
                throw Malformed("control: \(frames.count) frames, expected 3 or more")
            }
            guard (1...ControlFrames.longestVerb).contains(frames[1].count),
                frames[1].allSatisfy({ (0x61...0x7A).contains($0) })
            else {
                throw Malformed("control: the second frame is no verb")
            }
            verb = String(decoding: frames[1], as: UTF8.self)
            body = frames[2]
            data = frames.count > 3 ? frames[3] : nil
        }

        func decode<Body: Decodable>(_: Body.Type) throws(Malformed) -> Body {
            // The decoder guesses UTF-16 and UTF-32 too, by their zero bytes, which JSON in UTF-8 never has.
            guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
                throw Malformed("\(verb): the body is not UTF-8")
            }
            try checkStrictness()
            do {
                return try JSONDecoder().decode(Body.self, from: Data(body))
            } catch let error as DecodingError {
                throw Malformed("\(verb): \(Parts.words(for: error))")
            } catch {
                throw Malformed("\(verb): the body is not JSON")
            }
        }

        /// Foundation takes `1.0` and `1e2` for whole numbers, and one of two members of a name: another program may take
        /// the other.
        private func checkStrictness() throws(Malformed) {
            guard let document = try? JSONDocument(body) else { throw Malformed("\(verb): \(Parts.noBody)") }
            guard !document.hasFraction else {
                throw Malformed("\(verb): a number has a fraction or an exponent")
            }
            guard !document.hasRepeatedField else { throw Malformed("\(verb): a member is repeated") }
        }

        private static let noBody =
            "the body is not the JSON object expected, or a number in it is out of range"

        private static func words(for error: DecodingError) -> String {
            switch error {
            case .keyNotFound(let key, _): "\(key.stringValue) is missing"
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath.isEmpty
                    ? noBody
                    : "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has a wrong value"
            @unknown default: "the body is not what was expected"
            }
        }
    }
}

extension Request {
    public func frames() -> [[UInt8]] {
        switch self {
        case .hello(let body): ControlFrames.encode("hello", body)
        case .alive(let body): ControlFrames.encode("alive", body)
        case .outcomes(let body): ControlFrames.encode("outcomes", body)
        case .replay(let body): ControlFrames.encode("replay", body)
        case .find(let body): ControlFrames.encode("find", body)
        case .related(let body): ControlFrames.encode("related", body)
        case .locate(let body): ControlFrames.encode("locate", body)
        case .checkpoint(let body): ControlFrames.encode("checkpoint", body)
        case .shown(let body): ControlFrames.encode("shown", body)
        case .seen(let body): ControlFrames.encode("seen", body)
        case .silent(let body): ControlFrames.encode("silent", body)
        case .status(let body): ControlFrames.encode("status", body)
        case .withdraw(let body): ControlFrames.encode("withdraw", body)
        case .erase(let body): ControlFrames.encode("erase", body)
        case .compromised(let body): ControlFrames.encode("compromised", body)
        }
    }

    public init(frames: [[UInt8]]) throws(Malformed) {
        let parts = try ControlFrames.Parts(frames)
        switch parts.verb {
        case "hello": self = .hello(try parts.decode(Hello.self))
        case "alive": self = .alive(try parts.decode(Alive.self))
        case "outcomes": self = .outcomes(try parts.decode(Outcomes.self))
        case "replay": self = .replay(try parts.decode(Replay.self))
        case "find": self = .find(try parts.decode(Find.self))
        case "related": self = .related(try parts.decode(Related.self))
        case "locate": self = .locate(try parts.decode(Locate.self))
        case "checkpoint": self = .checkpoint(try parts.decode(Checkpoint.self))
        case "shown": self = .shown(try parts.decode(Shown.self))
        case "seen": self = .seen(try parts.decode(Seen.self))
        case "silent": self = .silent(try parts.decode(Silent.self))
        case "status": self = .status(try parts.decode(Status.self))
        case "withdraw": self = .withdraw(try parts.decode(Order.self))
        case "erase": self = .erase(try parts.decode(Order.self))
        case "compromised": self = .compromised(try parts.decode(Compromised.self))
        default: throw Malformed("control: unknown verb \(parts.verb)", code: .unsupported)
        }
        try checkBounds()
    }

    /// The number of a request that can't be read otherwise, for its refusal; nil when it can't be read that far.
    public static func number(in frames: [[UInt8]]) -> UInt64? {
        guard let parts = try? ControlFrames.Parts(frames), let body = try? JSONDocument(parts.body).root,
            body.fieldNames.count(where: { $0 == "request" }) == 1,
            let number = body["request"]?.integer, number >= 1
        else { return nil }
        return UInt64(number)
    }
}

extension Reply {
    public func frames() -> [[UInt8]] {
        switch self {
        case .welcome(let body): ControlFrames.encode("welcome", body)
        case .alive(let body): ControlFrames.encode("alive", body)
        case .acknowledged(let body): ControlFrames.encode(body)
        case .resume(let body): ControlFrames.encode("resume", body)
        case .page(let body, let records): ControlFrames.encode("page", body, records)
        case .located(let body): ControlFrames.encode("located", body)
        case .related(let body): ControlFrames.encode("related", body)
        case .checkpoint(let body): ControlFrames.encode("checkpoint", body)
        case .shown(let body): ControlFrames.encode("shown", body)
        case .seen(let body): ControlFrames.encode("seen", body)
        case .silent(let body): ControlFrames.encode("silent", body)
        case .answered(let body): ControlFrames.encode("answered", body)
        case .refused(let body): ControlFrames.encode("refused", body)
        case .status(let body): ControlFrames.encode("status", body)
        case .noticed(let body): ControlFrames.encode("noticed", body)
        case .compromised(let body): ControlFrames.encode("compromised", body)
        }
    }

    public init(frames: [[UInt8]]) throws(Malformed) {
        let parts = try ControlFrames.Parts(frames)
        switch parts.verb {
        case "welcome": self = .welcome(try parts.decode(Welcome.self))
        case "alive": self = .alive(try parts.decode(Alive.self))
        case "acknowledged": self = .acknowledged(try parts.decode(Acknowledged.self))
        case "resume": self = .resume(try parts.decode(Resume.self))
        case "page":
            let body = try parts.decode(Page.self)
            guard let records = parts.data else { throw Malformed("page: the frame of records is missing") }
            self = .page(body, records: records)
        case "located": self = .located(try parts.decode(Located.self))
        case "related": self = .related(try parts.decode(Related.self))
        case "checkpoint": self = .checkpoint(try parts.decode(Checkpoint.self))
        case "shown": self = .shown(try parts.decode(Shown.self))
        case "seen": self = .seen(try parts.decode(Seen.self))
        case "silent": self = .silent(try parts.decode(Silent.self))
        case "answered": self = .answered(try parts.decode(Answered.self))
        case "refused": self = .refused(try parts.decode(Refused.self))
        case "status": self = .status(try parts.decode(HubStatus.self))
        case "noticed": self = .noticed(try parts.decode(Noticed.self))
        case "compromised": self = .compromised(try parts.decode(Compromised.self))
        default: throw Malformed("control: unknown verb \(parts.verb)", code: .unsupported)
        }
        try checkBounds()
    }
}
