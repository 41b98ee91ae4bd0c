import Alerts
import AlertStore
import Foundation
import MemoryStore
import Seeded
import Testing
import Wire

@testable import AlertFeed
@testable import AlertHub
@testable import AlertPost

/// Hub, posts and readers over a network that loses, delays and cuts, with crashes and full disks: whatever has happened,
/// once it is quiet every promise is kept. `BORDERWIRE_SEEDS=5000` runs more, `BORDERWIRE_SEED=17` that one.
@Suite("Simulated days")
struct SimulationTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["BORDERWIRE_SEED"].flatMap({ UInt64($0) }) { return [one] }
        return Array(1...(environment["BORDERWIRE_SEEDS"].flatMap { UInt64($0) } ?? 40))
    }()

    @Test("after any noise each reader has its alerts once and in order, and each alert one row")
    func promises() {
        var alerts = 0
        var repairs: UInt64 = 0
        for seed in SimulationTests.seeds {
            let day = Day(seed: seed)
            let problems = day.run()
            #expect(problems.isEmpty, "seed \(seed): \(problems.joined(separator: "\n"))")
            alerts += day.published
            repairs += day.readers.reduce(0) { $0 + $1.repairs }
            if !problems.isEmpty { break }
        }
        print("simulated \(SimulationTests.seeds.count) days, \(alerts) alerts, \(repairs) gaps repaired")
    }
}

/// One run.
final class Day {
    /// Milliseconds with faults, and the longest that all may take to come right without them.
    static let noise: Int64 = 15_000
    static let longestCalm: Int64 = 60_000
    static let provinces = ["KH-9", "KH-14", "TH-23", "VN-37"]

    let world: World
    let hub: HubNode
    private(set) var posts: [PostNode] = []
    private(set) var readers: [ReaderNode] = []
    private(set) var published = 0
    private var drafts: [UInt64: Draft] = [:]
    /// Who wrote them.
    private var authors: [UInt64: String] = [:]
    /// Publishes nothing, and acknowledges.
    private let officer: PostNode
    private let all: [Actor]
    private let guest: Actor

    init(seed: UInt64) {
        let world = World(seed: seed)
        let posts = (0..<3).map { number in
            var post = Actor("post-\(number)", publish: Reference.grant("all"))
            post.duty = .all
            return post
        }
        var officer = Actor("officer", read: .all)
        (officer.duty, officer.may) = (.all, [.ack])
        let grants = [
            Reference.grant("all"), Reference.grant("koh-kong"),
            Reference.grant("koh-kong/suspect", "prey-veng"),
            Reference.grant("all/movement"), Reference.grant("all/sighting", "koh-kong/movement"),
        ]
        let readers = (0..<5).map { Actor("reader-\($0)", read: world.pick(grants)) }
        guest = Actor("guest", read: world.pick(grants))
        all = posts + readers + [officer]
        let hub = HubNode(world, Registry((all + [guest]).map(\.registered)))
        self.world = world
        self.hub = hub
        self.posts = posts.map { PostNode(world, hub, $0) }
        self.officer = PostNode(world, hub, officer)
        self.posts.append(self.officer)
        for reader in readers {
            let start: UInt64? = world.number(0...3) == 0 ? nil : 0
            self.readers.append(ReaderNode(world, hub, reader, wanted(reader.read), start: start))
        }
        for post in self.posts { publishSoon(post) }
        faultSoon()
    }

    private func wanted(_ grant: Grant) -> Wanted {
        let kinds = world.pick([nil, [.suspect], [.movement], [.sighting]] as [Set<Kind>?])
        let provinces = Day.provinces.filter { code in
            world.number(0...1) == 0
                && Kind.allCases.contains {
                    kinds?.contains($0) ?? true && grant.allows(Reference.topic(code, $0))
                }
        }
        guard !provinces.isEmpty else { return Wanted() }
        return Wanted(
            provinces: provinces.compactMap { Reference.provinces.province(code: $0) }, kinds: kinds)
    }

    // MARK: The noise

    private func publishSoon(_ post: PostNode) {
        world.after(world.number(0...3_000)) { [self] in
            guard world.isNoisy else { return }
            // Now and then more than the window holds.
            let many = world.oneIn(60) ? world.number(200...300) : world.number(1...6)
            // Topics get their first alert at different times.
            let known = Day.provinces.prefix(Int(min(4, 1 + world.now / 3_000)))
            for _ in 0..<many {
                guard let draft = draft(by: post, in: known) else { continue }
                published += 1
                let number = UInt64(published)
                drafts[number] = draft
                authors[number] = post.actor.name
                post.publish(number, draft)
            }
            publishSoon(post)
        }
    }

    /// An alert, or a word on one that there is or that is still on its way.
    /// - Returns: nil where there is nothing yet that this one may say something about.
    private func draft(by post: PostNode, in known: some Sequence<String>) -> Draft? {
        var provinces = known.shuffled(using: &random)
        provinces.removeLast(Int(world.number(0...Int64(provinces.count - 1))))
        let what: Draft.What =
            switch post === officer ? 8 : world.number(0...9) {
            case 0...4: .alert
            case 5: .update
            case 6: .cancel
            case 7, 8: .ack
            default: .sighting
            }
        guard what != .alert, let subject = subject(of: what, by: post) else {
            guard post !== officer else { return nil }
            return Draft(
                what: .alert, kind: world.pick([.suspect, .movement]), provinces: provinces,
                isBad: world.number(0...15) == 0)
        }
        return Draft(
            what: what, kind: what == .sighting ? .sighting : drafts[subject]?.kind ?? .suspect,
            provinces: provinces, subject: subject, isShared: what == .sighting && world.number(0...1) == 0)
    }

    /// Only the author changes an alert, and nobody answers an acknowledgement.
    /// - Returns: nil where a few tries find none.
    private func subject(of what: Draft.What, by post: PostNode) -> UInt64? {
        guard published > 0 else { return nil }
        for _ in 0..<8 {
            let number = UInt64(world.number(1...Int64(published)))
            guard let draft = drafts[number], draft.what != .ack else { continue }
            let isOwn = authors[number] == post.actor.name && draft.what != .sighting && !draft.isBad
            if isOwn || (what != .update && what != .cancel) { return number }
        }
        return nil
    }

    private lazy var random = SeededRandom(seed: world.seed &+ 1)

    private func faultSoon() {
        world.after(world.number(50...900)) { [self] in
            guard world.isNoisy else { return }
            switch world.number(0...10) {
            case 0: hub.crash()
            case 1: world.pick(posts).cutIngest()
            case 2: world.pick(posts).cutControl()
            case 3: world.pick(posts).restart()
            case 4: if world.oneIn(3) { world.pick(posts).startNewEpoch() }
            case 5, 6: world.pick(readers).cutFeed()
            case 7: world.pick(readers).cutControl()
            case 8: world.pick(readers).restart()
            case 9: hub.follow(Registry(all.map(\.registered)))
            default: hub.follow(Registry((all + [guest]).map(\.registered)))
            }
            faultSoon()
        }
    }

    // MARK: The end

    func run() -> [String] {
        world.run(until: Day.noise)
        world.isNoisy = false
        let end = Day.noise + Day.longestCalm
        var differences: [String] = []
        for moment in stride(from: Day.noise + 2_000, through: end, by: 2_000) {
            world.run(until: moment)
            differences = shortfalls()
            if differences.isEmpty || !world.problems.isEmpty { break }
        }
        // Whatever is still under way must change nothing.
        world.run(until: world.now + 4_000)
        return world.problems + (differences.isEmpty ? shortfalls() : differences)
    }

    /// How what there is differs from what was promised.
    private func shortfalls() -> [String] {
        var found: [String] = []
        let records = storedRecords()
        var rows: [UInt64: [UInt64]] = [:]
        for record in records { rows[number(of: record), default: []].append(record.offset) }
        for post in posts {
            if !post.isSettled { found.append(post.account) }
            for (number, answer) in post.answers {
                switch answer {
                case .stored(_, let offset):
                    if rows[number]?.contains(offset) != true {
                        found.append("alert \(number) is not at offset \(offset), as its post was told")
                    }
                case .rejected(_, let code, let reason):
                    if drafts[number]?.isBad != true {
                        found.append("alert \(number) is refused (\(code)): \(reason)")
                    }
                }
            }
        }
        for number in stride(from: UInt64(1), through: UInt64(published), by: 1) {
            let count = rows[number]?.count ?? 0
            if count != (drafts[number]?.isBad == true ? 0 : 1) {
                found.append("alert \(number) has \(count) rows")
            }
        }
        checkRouting(records, &found)
        checkProgress(records, &found)
        for reader in readers {
            compare(reader, records, &found)
            checkReceipts(of: reader, &found)
        }
        return Array(found.prefix(10))
    }

    private func compare(_ reader: ReaderNode, _ records: [Record], _ found: inout [String]) {
        guard let start = reader.start else { return found.append("\(reader.account), never welcomed") }
        let names = hub.topicNames()
        let due = records.filter { record in
            record.offset > start
                && record.deliveries.contains { delivery in
                    names[delivery.topic].map {
                        reader.actor.read.allows($0) && reader.selection.contains($0)
                    } ?? false
                }
        }
        guard due.map(\.offset) == reader.given.map(\.offset) else {
            let missing = Set(due.map(\.offset)).subtracting(reader.given.map(\.offset)).sorted().prefix(5)
            return found.append("\(reader.account) of \(due.count), without \(Array(missing))")
        }
        for (record, alert) in zip(due, reader.given)
        where record.signed.payload != alert.signed.payload || record.signed.header != alert.signed.header
            || record.signed.signature != alert.signed.signature
        {
            found.append("\(reader.actor.name) got other bytes at offset \(record.offset)")
        }
    }

    /// Each record is where PROTOCOL.md's "Routing" delivers it, by what the log had before it.
    private func checkRouting(_ records: [Record], _ found: inout [String]) {
        let names = hub.topicNames()
        var delivered: [UInt64: [Topic]] = [:]
        for record in records {
            let number = number(of: record)
            guard let draft = drafts[number] else { continue }
            let topics = draft.topics(subject: draft.subject.flatMap { delivered[$0] })
            let actual = record.deliveries.compactMap { names[$0.topic] }
            if actual != topics {
                found.append("\(draft.what) \(number) is on \(actual), and not on \(topics)")
            }
            delivered[number] = actual
        }
    }

    /// The hub knows of each alert that somebody else has acknowledged or sighted it, and of no other. An answer that came before
    /// its alert counts too, unless the hub was killed in between.
    private func checkProgress(_ records: [Record], _ found: inout [String]) {
        var offsets: [UInt64: UInt64] = [:]
        var expected: [UInt64: Set<Draft.What>] = [:]
        var early: [UInt64: Set<Draft.What>] = [:]
        var possible: [UInt64: Set<Draft.What>] = [:]
        for record in records {
            let number = number(of: record)
            defer {
                offsets[number] = record.offset
                possible[record.offset] = early[number]
            }
            guard let draft = drafts[number], draft.what == .ack || draft.what == .sighting,
                let subject = draft.subject, authors[subject] != record.post
            else { continue }
            if let offset = offsets[subject] {
                expected[offset, default: []].insert(draft.what)
            } else {
                early[subject, default: []].insert(draft.what)
            }
        }
        let known = (try? MemoryReader(hub.memory).progress(after: 0, limit: .max)) ?? []
        for progress in known {
            let wanted = expected.removeValue(forKey: progress.offset) ?? []
            var known: Set<Draft.What> = []
            if progress.acknowledged != nil { known.insert(.ack) }
            if progress.sighted != nil { known.insert(.sighting) }
            let mayBe = wanted.union(possible[progress.offset] ?? [])
            if !known.isSuperset(of: wanted) || !known.isSubset(of: mayBe) {
                found.append("the hub has \(progress), and what came of it is \(wanted)")
            }
        }
        if let (offset, missing) = expected.first {
            found.append("the hub does not know that offset \(offset) has \(missing)")
        }
    }

    /// Nothing counts as seen that was not shown, and all that the program could still tell does.
    private func checkReceipts(of reader: ReaderNode, _ found: inout [String]) {
        let receipts = ((try? MemoryReader(hub.memory).receipts()) ?? []).filter {
            $0.identity == reader.actor.name
        }
        var seen: [UInt32: Set<UInt64>] = [:]
        for receipt in receipts {
            seen[receipt.topic] = (try? SequenceRanges(decoding: receipt.ranges)).map {
                Set($0.ranges.joined())
            }
        }
        for (topic, sequences) in seen where !sequences.isSubset(of: reader.shown[topic] ?? []) {
            found.append("\(reader.actor.name) is said to have seen of topic \(topic) what it was not shown")
        }
        for (topic, sequences) in reader.shownLast where !sequences.isSubset(of: seen[topic] ?? []) {
            let missing = sequences.subtracting(seen[topic] ?? []).sorted().prefix(5)
            found.append(
                "\(reader.account) has seen \(Array(missing)) of topic \(topic), and the hub does not know")
        }
    }

    private func storedRecords() -> [Record] {
        let reader = MemoryReader(hub.memory)
        let page = try? reader.page(
            after: 0, topics: Set(hub.topicNames().keys), limit: .max, bytes: .max)
        return page?.records ?? []
    }

    private func number(of record: Record) -> UInt64 {
        record.alert.suffix(6).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
