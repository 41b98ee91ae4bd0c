import Platform
import Synchronization

/// A moment in the words of a draft, as letters: a text with a long number in it would be refused.
enum Stamp {
    private static let mark = "stamped-"
    private static let digits = Array("abcdefghij")

    /// Microseconds since boot.
    private static var clock: Int { Int(steadyClock() / .microseconds(1)) }

    static var now: String { mark + String(String(clock).map { digits[$0.wholeNumberValue ?? 0] }) }

    /// How long ago the alert in this line was stamped, in milliseconds; nil where there is none.
    static func age(of line: String) -> Double? {
        guard let start = line.firstRange(of: mark)?.upperBound else { return nil }
        let text = line[start...].prefix { digits.contains($0) }.map { digits.firstIndex(of: $0) ?? 0 }
        guard !text.isEmpty else { return nil }
        return Double(clock - text.reduce(0) { $0 * 10 + $1 }) / 1_000
    }
}

/// How old alerts are when an analyst prints them, in milliseconds. From any thread.
final class Watch: Sendable {
    private let printed = Mutex<[(stamped: Duration, age: Double)]>([])

    func take(_ line: String) {
        guard let age = Stamp.age(of: line) else { return }
        let stamped = steadyClock() - .milliseconds(age)
        printed.withLock { $0.append((stamped, age)) }
    }

    /// Of the alerts that were made in this time and are printed by now.
    func ages(of time: Range<Duration>) -> [Double] {
        printed.withLock { $0.filter { time.contains($0.stamped) }.map(\.age) }
    }

    /// The same of the time that something takes.
    func ages(_ body: () async throws -> Void) async throws -> [Double] {
        let start = steadyClock()
        try await body()
        return ages(of: start..<steadyClock())
    }
}

/// The value that 99 of 100 are not above; nil of none.
func p99(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    return values.sorted()[min(values.count - 1, values.count * 99 / 100)]
}

func milliseconds(_ value: Double?) -> String { value.map { "\(($0 * 10).rounded() / 10) ms" } ?? "none" }
