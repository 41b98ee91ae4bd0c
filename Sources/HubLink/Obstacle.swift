internal import Platform
internal import Settings

/// Why there is no connection to the hub, as far as it can be told from here.
public struct Obstacle: Sendable, Hashable, CustomStringConvertible {
    /// For programs, and the journal's field REASON.
    public enum Code: String, Sendable, CaseIterable {
        case noName = "no-name"
        case lookup
        case refused
        case timedOut = "timed-out"
        case unreachable
        case notAHub = "not-a-hub"
        case handshake
        case busy
    }

    public var code: Code
    public var description: String
    /// The TCP port that it is about; nil: the name.
    var port: Int?

    static func noName(_ name: String, _ words: String) -> Obstacle {
        Obstacle(code: .noName, description: "\(name) has no address: \(words)", port: nil)
    }

    static func slowLookup(_ name: String, after time: Duration) -> Obstacle {
        Obstacle(
            code: .lookup,
            description:
                "\(name) is looked up, and has been for more than \(time.components.seconds) s: does its "
                + "name server answer?", port: nil)
    }

    /// - trial: a connection that was made for no other purpose, after the trouble.
    /// - Returns: nil when nothing is wrong with it.
    init?(_ trouble: Attempt.Trouble, _ trial: ConnectionTrial, _ address: NumericAddress, _ port: Int) {
        let place = address.place(port: port)
        self.port = port
        switch trial {
        case .failed(_, isRefused: true):
            (code, description) = (.refused, "\(place): connection refused: nothing listens there")
        case .failed(let words, _):
            (code, description) = (.unreachable, "\(place): \(words)")
        case .timedOut:
            (code, description) = (
                .timedOut, "\(place): no answer: is that its address, and is the way open?"
            )
        case .made(let first) where !Obstacle.isGreeting(first):
            (code, description) = (.notAHub, "what answers at \(place) is no Borderwire hub")
        case .made:
            switch trouble {
            case .handshake:
                (code, description) = (
                    .handshake,
                    "the hub at \(place) ends the handshake: it has another key than the file in [hub], or no room now. If "
                        + "its key was changed, get its new hub.pub from its operator"
                )
            case .silence:
                (code, description) = (
                    .busy, "the hub at \(place) takes connections, and does not answer: it is busy"
                )
            case .connecting, .key: return nil
            }
        }
    }

    private init(code: Code, description: String, port: Int?) {
        self.code = code
        self.description = description
        self.port = port
    }

    /// Bytes of a greeting that say that it is one (RFC 23/ZMTP 3.0, "signature"); each side sends them unasked.
    static let greeting = 10

    private static func isGreeting(_ first: [UInt8]) -> Bool {
        first.count == greeting && first.first == 0xFF && first.last == 0x7F
    }
}
