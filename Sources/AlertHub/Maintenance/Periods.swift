internal import Synchronization

/// The periods in force, for the threads that erase by them; the loop replaces them.
final class Periods: Sendable {
    private let current: Mutex<RetentionSettings>

    init(_ periods: RetentionSettings) { current = Mutex(periods) }

    var value: RetentionSettings {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
