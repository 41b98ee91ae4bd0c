internal import Alerts
internal import Platform
internal import Synchronization

/// What the hub knows of time, for the threads beside its loop; the loop replaces it once a second.
final class SharedTime: Sendable {
    private let shared: Mutex<HubTime>
    private let changed: @Sendable () -> Void

    /// - changed: called when something may be erased again that waited, or no more.
    init(_ time: HubTime, changed: @escaping @Sendable () -> Void = {}) {
        shared = Mutex(time)
        self.changed = changed
    }

    func share(_ time: HubTime) {
        let former = shared.withLock { shared in
            defer { shared = time }
            return shared
        }
        if (former.erasing == nil) != (time.erasing == nil) { changed() }
    }

    /// With both clocks read now: a clock that was set since the loop looked is not believed here either.
    var value: HubTime {
        var time = shared.withLock { $0 }
        time.read(wall: Timestamp(milliseconds: wallClockMilliseconds()), steady: steadyClock())
        return time
    }
}
