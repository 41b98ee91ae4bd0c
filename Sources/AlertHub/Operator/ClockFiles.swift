internal import Alerts
internal import AlertStore
internal import FoundationEssentials
internal import Platform
internal import Settings

/// `clock.json` in the state directory: the time that the hub expected when it last ran. Replaced whole each minute.
package struct ClockFile: Codable, Equatable, Sendable {
    static let largest = 4_096

    /// ms since 1970.
    package var time: Int64
    /// Whether anyone but the hub's own clock had said so: the posts, the operator, the kernel.
    package var confirmed: Bool

    /// - Returns: nil when there is no such file, or none that is whole.
    static func read(_ settings: HubSettings) -> ClockFile? {
        (try? Files.read(settings.clock, limit: largest)).flatMap { ClockFile($0) }
    }

    static func write(_ time: HubTime, _ settings: HubSettings) throws(FileError) {
        let known = time.known
        try ClockFile(time: known.time.milliseconds, confirmed: known.isConfirmed).write(settings)
    }

    func write(_ settings: HubSettings) throws(FileError) {
        try Files.writeAtomically(bytes, to: settings.clock, mode: 0o644)
        try Files.giveToOwner(ofDirectoryOf: settings.clock)
    }
}

/// `clock.accepted` in the state directory: the operator's word for one reading of the clock, on its way to the running hub,
/// which takes it once.
package struct ClockWord: Codable, Equatable, Sendable {
    /// A word is about a clock that has gone on by this much at most since; in milliseconds. It is on its way for a second.
    static let longest: Int64 = 600_000

    /// What the clock showed, ms since 1970.
    package var clock: Int64

    /// Takes the word that lies there, if any, away from there.
    static func take(_ settings: HubSettings) -> ClockWord? {
        guard let facts = try? Files.facts(of: settings.clockWord), facts.kind == .regular else { return nil }
        let bytes = try? Files.read(settings.clockWord, limit: ClockFile.largest)
        // One that can't be taken away would be taken again and again.
        guard (try? Files.remove(settings.clockWord)) != nil else { return nil }
        return bytes.flatMap { ClockWord($0) }
    }

    /// Whether it is about the clock that shows this.
    func fits(_ wall: Timestamp) -> Bool {
        let (passed, overflow) = wall.milliseconds.subtractingReportingOverflow(clock)
        return !overflow && (-1_000...ClockWord.longest).contains(passed)
    }

    func write(_ settings: HubSettings) throws(FileError) {
        try Files.writeAtomically(bytes, to: settings.clockWord, mode: 0o644)
        try Files.giveToOwner(ofDirectoryOf: settings.clockWord)
    }
}

extension ClockFile {
    /// nil when that is not what ``bytes`` makes.
    package init?(_ bytes: [UInt8]) {
        guard let read = try? JSONDecoder().decode(ClockFile.self, from: Data(bytes)),
            (0...HubTime.latest).contains(read.time)
        else { return nil }
        self = read
    }

    // Integers always encode.
    package var bytes: [UInt8] { Array((try? JSONEncoder().encode(self)) ?? Data()) + [0x0A] }
}

extension ClockWord {
    package init?(_ bytes: [UInt8]) {
        guard let read = try? JSONDecoder().decode(ClockWord.self, from: Data(bytes)) else { return nil }
        self = read
    }

    package var bytes: [UInt8] { Array((try? JSONEncoder().encode(self)) ?? Data()) + [0x0A] }
}

extension HubTime {
    /// What is known of time at the start of a hub or of a command: of the posts' clocks nothing.
    /// - received: the log's last time; nil: the log is empty.
    static func atStart(_ settings: HubSettings, received: Timestamp?) -> HubTime {
        HubTime(
            wall: Timestamp(milliseconds: wallClockMilliseconds()), steady: steadyClock(),
            lastRun: ClockFile.read(settings).map { (Timestamp(milliseconds: $0.time), $0.confirmed) },
            received: received, isSynchronised: isClockSynchronised())
    }
}
