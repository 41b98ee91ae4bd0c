/// How far a long work has come, on standard error, for a person: one line that is written over. Shows nothing where no
/// terminal listens, and nothing in the first ``patience``.
public struct Progress: Sendable {
    /// A work that is done by then says nothing on its way.
    static let patience = Duration.seconds(2)
    /// Between two lines.
    static let pause = Duration.milliseconds(200)

    private let what: String
    private let isShown: Bool
    private let began = ContinuousClock.now
    private var next: ContinuousClock.Instant
    private var width = 0

    /// - what: e.g. `verifying`.
    public init(_ what: String, isShown: Bool = StandardError.isTerminal) {
        self.what = what
        self.isShown = isShown
        next = began + Progress.patience
    }

    /// Says what is being done where it can't be measured; at once, since it may take long.
    public mutating func say(_ words: String) {
        guard isShown else { return }
        write("\(what): \(words)")
    }

    public mutating func show(_ done: UInt64, of total: UInt64) {
        let now = ContinuousClock.now
        guard isShown, now >= next, total > 0 else { return }
        next = now + Progress.pause
        write(Progress.line(what, done, of: total, in: now - began))
    }

    /// Takes the line away.
    public mutating func end() {
        guard width > 0 else { return }
        write("")
        StandardError.write("\r")
        width = 0
    }

    static func line(_ what: String, _ done: UInt64, of total: UInt64, in time: Duration) -> String {
        let done = min(done, total)
        let share = Double(done) / Double(max(total, 1))
        let line = "\(what): \(done) of \(total) (\(Int(share * 100)) %)"
        guard share > 0 else { return line }
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        return line + ", about \(Int((seconds / share - seconds).rounded(.up))) s left"
    }

    private mutating func write(_ line: String) {
        let padding = String(repeating: " ", count: max(0, width - line.count))
        StandardError.write("\r" + line + padding)
        width = line.count
    }
}
