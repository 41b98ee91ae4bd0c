internal import AlertFeed
internal import Alerts
internal import Identity
internal import LogProof
public import Platform
internal import Settings
internal import Wire

/// The latest alerts, as many as the page lists: in offset order, each as it stands now. A value: alerts and times in; who shows
/// them asks what has changed since.
///
/// Bounded in count and in bytes: beyond either the oldest leave (``floor``), and nothing else does.
public struct Window: Sendable {
    public struct Bounds: Sendable, Decodable {
        /// Alerts.
        public var alerts = 10_000
        /// Of their bytes, with what each takes beside them.
        public var memory = ByteCount.mebibytes(64)

        public init() {}

        private enum CodingKeys: String, CodingKey { case alerts, memory }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            alerts = try values.value(.alerts, default: alerts, in: 100...100_000)
            memory = try values.value(
                .memory, default: memory, in: ByteCount.mebibytes(1)...ByteCount.mebibytes(1_024))
        }
    }

    /// What an alert takes beside its header, its payload and its seal: measured.
    static let overhead = 1_024

    struct Entry: Sendable {
        /// Without the reading of its content.
        var read: ReadAlert
        var id: AlertID?
        /// The number of the last change of how it stands; 0: it stands as it did when it came.
        var change: UInt64 = 0

        var offset: UInt64 { read.streamed.offset }
        var size: Int {
            let signed = read.streamed.signed
            return signed.header.count + signed.payload.count + signed.signature.count + Window.overhead
        }
    }

    private let bounds: Bounds
    private var entries: [Entry] = []
    /// Before it are those that have left.
    private var start = 0
    private(set) var bytes = 0
    private var places: [AlertID: UInt64] = [:]
    private var threads = Threads()
    private var standings = Standings()
    /// The number of the last change, and the latest changes in their order, with the offset that each was of.
    private(set) var change: UInt64 = 0
    private var changes: [(number: UInt64, offset: UInt64)] = []
    /// What is at or after this offset is held, as far as it has come; 0: nothing has left.
    private(set) var floor: UInt64 = 0
    /// Of the last alert that came.
    private(set) var last: UInt64 = 0
    /// Ids whose content was erased, the latest of them.
    private(set) var erased: [AlertID] = []
    /// Of all that ever were.
    private(set) var erasures = 0
    /// Erasures that are told one by one to who comes back.
    static let mostErased = 1_000

    init(_ bounds: Bounds) { self.bounds = bounds }

    var count: Int { entries.count - start }

    // MARK: What comes

    /// - now: the hub's time.
    mutating func take(_ read: ReadAlert, at now: Timestamp) {
        guard read.streamed.offset > last || count == 0 else { return }
        last = read.streamed.offset
        standings.take(read)
        let id = read.facts.flatMap { AlertID(bytes: $0.id) }
        var entry = Entry(read: read.unread, id: id)
        if let id, read.facts?.hasStanding == true {
            entry.read.standing = standings.standing(of: id, at: now)
        }
        entries.append(entry)
        bytes += entry.size
        if let id {
            if places[id] == nil { places[id] = entry.offset }
            threads.join(id, read.references)
            if read.changesOthers { review(id, at: now) }
        }
        erase(by: read)
        while count > 1, count > bounds.alerts || bytes > bounds.memory.bytes { drop() }
    }

    /// What has come to its end by now.
    mutating func expire(at now: Timestamp) {
        for place in start..<entries.count {
            guard let standing = entries[place].read.standing, standing.state == .active,
                let ends = entries[place].read.ends, ends <= now
            else { continue }
            restate(place, at: now)
        }
    }

    /// How every alert of a thread stands.
    private mutating func review(_ id: AlertID, at now: Timestamp) {
        for member in threads.members(of: id) {
            if let place = place(of: member) { restate(place, at: now) }
        }
    }

    private mutating func restate(_ place: Int, at now: Timestamp) {
        guard let id = entries[place].id, entries[place].read.facts?.hasStanding == true,
            let standing = standings.standing(of: id, at: now), standing != entries[place].read.standing
        else { return }
        entries[place].read.standing = standing
        change += 1
        entries[place].change = change
        changes.append((change, entries[place].offset))
        // Of each alert the latest counts.
        guard changes.count > 2 * max(count, 1_000) else { return }
        changes = changes.filter { number, offset in
            index(of: offset).map { entries[$0].change == number } ?? false
        }
    }

    /// The hub has erased what it was told to erase, and so do we: by its operator's notice, and where whoever was sought is safe.
    private mutating func erase(by read: ReadAlert) {
        guard let facts = read.facts, read.check == .valid else { return }
        let isSafe = facts.isSafe && read.authorship == .author
        guard facts.notice == .erasure || isSafe, let own = AlertID(bytes: facts.id) else { return }
        let targets = facts.references.compactMap { AlertID(bytes: $0) }
        // What was said in answer goes too where somebody is safe.
        let ids = isSafe ? threads.members(of: own).filter { $0 != own } : targets
        for id in ids {
            guard let place = place(of: id), !entries[place].read.isErased,
                isSafe ? entries[place].read.action == nil : true
            else { continue }
            bytes -= entries[place].size
            entries[place].read = entries[place].read.erased
            bytes += entries[place].size
            erasures += 1
            erased.append(id)
        }
        if erased.count > Window.mostErased { erased.removeFirst(erased.count - Window.mostErased) }
    }

    private mutating func drop() {
        let entry = entries[start]
        bytes -= entry.size
        if let id = entry.id, places[id] == entry.offset {
            places[id] = nil
            threads.leave(id)
        }
        start += 1
        floor = entries[start].offset
        guard start > 1_024, start > entries.count / 4 else { return }
        entries.removeFirst(start)
        start = 0
    }

    // MARK: What is shown

    /// The next after an offset, of at most so many bytes but for the first.
    func next(after offset: UInt64, atMost most: Int, bytes: Int) -> [Entry] {
        var place = place(after: offset)
        var size = 0
        var found: [Entry] = []
        while place < entries.count, found.count < most {
            size += entries[place].size
            if size > bytes, !found.isEmpty { break }
            found.append(entries[place])
            place += 1
        }
        return found
    }

    /// Those through an offset that stand otherwise since a change.
    func changed(after number: UInt64, through offset: UInt64) -> [Entry] {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].number > number { high = middle } else { low = middle + 1 }
        }
        return changes[low...].compactMap { change in
            guard change.offset <= offset, let place = index(of: change.offset),
                entries[place].change == change.number
            else { return nil }
            return entries[place]
        }
    }

    /// Those through an offset that do not simply stand: for who has seen them before and may not know.
    func notActive(through offset: UInt64) -> [Entry] {
        entries[start..<place(after: offset)].filter { entry in
            entry.change > 0
                || entry.read.standing.map { $0.state != .active || !$0.disputedBy.isEmpty } ?? false
        }
    }

    /// Those that hold an offset of these.
    func entries(at offsets: [UInt64]) -> [Entry] { offsets.compactMap { index(of: $0).map { entries[$0] } } }

    func entry(of id: AlertID) -> Entry? { place(of: id).map { entries[$0] } }

    /// An alert and what is about the same, by offset.
    func thread(of id: AlertID) -> [Entry] {
        threads.members(of: id).compactMap { place(of: $0) }.sorted().map { entries[$0] }
    }

    private func place(of id: AlertID) -> Int? { places[id].flatMap { index(of: $0) } }

    private func index(of offset: UInt64) -> Int? {
        let place = place(after: offset &- 1)
        return place < entries.count && entries[place].offset == offset ? place : nil
    }

    /// The place of the first with a larger offset.
    private func place(after offset: UInt64) -> Int {
        guard offset != .max else { return start }
        var low = start
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension ReadAlert {
    /// Whether it may change how others stand.
    fileprivate var changesOthers: Bool {
        guard let facts else { return false }
        return facts.notice != nil || !facts.changes.isEmpty || facts.answered != nil
    }
}
