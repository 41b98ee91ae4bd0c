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
    private var bad: Set<UInt64> = []
    private let all: [Actor]
    private let guest: Actor

    init(seed: UInt64) {
        let world = World(seed: seed)
        let posts = (0..<3).map { Actor("post-\($0)", publish: Reference.grant("all")) }
        let grants = [
            Reference.grant("all"), Reference.grant("koh-kong"),
            Reference.grant("koh-kong/suspect", "prey-veng"),
            Reference.grant("all/movement"),
        ]
        let readers = (0..<5).map { Actor("reader-\($0)", read: world.pick(grants)) }
        guest = Actor("guest", read: world.pick(grants))
        all = posts + readers
        hub = HubNode(world, Registry((posts + readers + [guest]).map(\.registered)))
        self.world = world
        self.posts = posts.map { PostNode(world, hub, $0) }
        for reader in readers {
            let start: UInt64? = world.number(0...3) == 0 ? nil : 0
            self.readers.append(ReaderNode(world, hub, reader, wanted(reader.read), start: start))
        }
        for post in self.posts { publishSoon(post) }
        faultSoon()
    }

    private func wanted(_ grant: Grant) -> Wanted {
        let kinds = world.pick([nil, [.suspect], [.movement]] as [Set<Kind>?])
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
                published += 1
                let number = UInt64(published)
                let isBad = world.number(0...15) == 0
                if isBad { bad.insert(number) }
                var provinces = known.shuffled(using: &random)
                provinces.removeLast(Int(world.number(0...Int64(provinces.count - 1))))
                post.publish(number, provinces: provinces, kind: world.pick(Kind.allCases), isBad: isBad)
            }
            publishSoon(post)
        }
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
                    if !bad.contains(number) {
                        found.append("alert \(number) is refused (\(code)): \(reason)")
                    }
                }
            }
        }
        for number in stride(from: UInt64(1), through: UInt64(published), by: 1) {
            let count = rows[number]?.count ?? 0
            if count != (bad.contains(number) ? 0 : 1) { found.append("alert \(number) has \(count) rows") }
        }
        for reader in readers { compare(reader, records, &found) }
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
