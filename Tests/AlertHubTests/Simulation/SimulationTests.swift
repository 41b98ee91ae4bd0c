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
        var (erased, matches) = (0, 0)
        for seed in SimulationTests.seeds {
            let day = Day(seed: seed)
            let problems = day.run()
            #expect(problems.isEmpty, "seed \(seed): \(problems.joined(separator: "\n"))")
            alerts += day.published
            repairs += day.readers.reduce(0) { $0 + $1.repairs }
            erased += day.erased
            matches += day.matches
            if !problems.isEmpty { break }
        }
        print(
            "simulated \(SimulationTests.seeds.count) days, \(alerts) alerts, \(repairs) gaps repaired, \(erased) contents "
                + "erased, \(matches) possible matches told")
        #expect(SimulationTests.seeds.count < 10 || erased > 0 && matches > 0)
    }
}

/// One run.
final class Day {
    /// Milliseconds with faults, and the longest that all may take to come right without them.
    static let noise: Int64 = 15_000
    static let longestCalm: Int64 = 60_000
    static let provinces = ["KH-9", "KH-14", "TH-23", "VN-37"]

    let world: World
    let hubs: [HubNode]
    /// The log of all of them.
    let memory = MemoryLog(log: 42)
    private(set) var posts: [PostNode] = []
    private(set) var readers: [ReaderNode] = []
    private(set) var published = 0
    private(set) var drafts: [UInt64: Draft] = [:]
    /// Who wrote them.
    private(set) var authors: [UInt64: String] = [:]
    /// Publishes nothing, and acknowledges.
    private let officer: PostNode
    private let all: [Actor]
    private let guest: Actor
    /// Asks for possible matches, and reads the whole log once all is over.
    private let late = Actor("late", read: .all)
    private var asker: AskerNode?
    private(set) var lateReader: ReaderNode?
    private(set) var matches = 0
    /// When the content of an alert was erased, by its id.
    var erasures: [[UInt8]: Int64] {
        hubs.map(\.erased).reduce(into: [:]) { $0.merge($1, uniquingKeysWith: min) }
    }
    var erased: Int { erasures.count }

    /// - hubs: that share the log; nil: one, whose own it is.
    init(seed: UInt64, hubs names: [String]? = nil) {
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
        all = posts + readers + [officer, late]
        let registry = Registry((all + [guest]).map(\.registered))
        let memory = memory
        let hubs =
            names?.map { HubNode(world, registry, memory, sharedBy: $0) } ?? [
                HubNode(world, registry, memory)
            ]
        self.world = world
        self.hubs = hubs
        self.posts = posts.map { PostNode(world, hubs, $0) }
        self.officer = PostNode(world, hubs, officer)
        self.posts.append(self.officer)
        for reader in readers {
            let start: UInt64? = world.number(0...3) == 0 ? nil : 0
            let place = hubs.count == 1 ? 0 : Int(world.number(0...Int64(hubs.count - 1)))
            self.readers.append(
                ReaderNode(
                    world, Array(hubs[place...] + hubs[..<place]), reader, wanted(reader.read), start: start))
        }
        for post in self.posts {
            post.onRelated = { [weak self] in self?.told($0) }
            publishSoon(post)
        }
        asker = AskerNode(
            world, hubs[hubs.count - 1], late,
            pick: { [weak self] in
                guard let self, published > 0 else { return nil }
                return UInt64(world.number(1...Int64(published)))
            }, told: { [weak self] in self?.told($0) })
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
            switch post === officer ? 8 : world.number(0...10) {
            case 0...4: .alert
            case 5: .update
            case 6: .cancel
            case 7, 8: .ack
            case 9: .safe
            default: .sighting
            }
        guard what != .alert, let subject = subject(of: what, by: post) else {
            guard post !== officer else { return nil }
            return Draft(
                what: .alert, kind: world.pick([.suspect, .movement]), provinces: provinces,
                plate: world.number(0...5), isBad: world.number(0...15) == 0)
        }
        if what == .safe {
            let versions = versions(of: subject)
            guard versions.count <= 20 else { return nil }
            return Draft(
                what: .safe, kind: drafts[subject]?.kind ?? .suspect, provinces: provinces,
                versions: versions)
        }
        return Draft(
            what: what, kind: what == .sighting ? .sighting : drafts[subject]?.kind ?? .suspect,
            provinces: provinces, subject: subject,
            plate: what == .update ? drafts[subject]?.plate : nil,
            isShared: what == .sighting && world.number(0...1) == 0)
    }

    /// All that a Cancel has to name after which the content of an alert is erased.
    private func versions(of number: UInt64) -> [UInt64] {
        var versions: [UInt64] = []
        var rest = [number]
        while let next = rest.popLast() {
            guard !versions.contains(next) else { continue }
            versions.append(next)
            if let draft = drafts[next], draft.what == .update || draft.what == .cancel {
                rest += [draft.subject].compactMap(\.self)
            }
            rest += drafts.filter { $0.value.what == .update && $0.value.subject == next }.keys.sorted()
        }
        return versions
    }

    /// The hub says what an alert may be related to: alerts with its plate, and none whose content was erased before it was asked.
    private func told(_ related: Reply.Related) {
        let time = related.time - HubNode.epoch
        let erasures = erasures
        func isErased(_ alert: String) -> Bool {
            AlertID(alert).flatMap { erasures[$0.bytes] }.map { $0 < time } ?? false
        }
        func plate(_ alert: String) -> Int64? {
            AlertID(alert).flatMap { drafts[number(of: $0.bytes)]?.plate }
        }
        if !related.matches.isEmpty, isErased(related.alert) {
            world.fail("\(related.alert) is erased, and was compared")
        }
        for match in related.matches {
            matches += 1
            if plate(match.alert) == nil || plate(match.alert) != plate(related.alert) {
                world.fail("\(match.alert) is told as a match of \(related.alert), and has another plate")
            }
            if isErased(match.alert) { world.fail("\(match.alert) is erased, and was told as a match") }
        }
    }

    /// Only the author changes an alert, and nobody answers an acknowledgement.
    /// - Returns: nil where a few tries find none.
    private func subject(of what: Draft.What, by post: PostNode) -> UInt64? {
        guard published > 0 else { return nil }
        for _ in 0..<8 {
            let number = UInt64(world.number(1...Int64(published)))
            guard let draft = drafts[number], draft.what != .ack, draft.what != .safe else { continue }
            let isOwn = authors[number] == post.actor.name && draft.what != .sighting && !draft.isBad
            if isOwn || (what != .update && what != .cancel && what != .safe) { return number }
        }
        return nil
    }

    private lazy var random = SeededRandom(seed: world.seed &+ 1)

    private func faultSoon() {
        world.after(world.number(50...900)) { [self] in
            guard world.isNoisy else { return }
            if hubs.count > 1, world.number(0...2) == 0 {
                clusterFault()
                return faultSoon()
            }
            switch world.number(0...10) {
            case 0: world.pick(hubs).crash()
            case 1: world.pick(posts).cutIngest()
            case 2: world.pick(posts).cutControl()
            case 3: world.pick(posts).restart()
            case 4: if world.oneIn(3) { world.pick(posts).startNewEpoch() }
            case 5, 6: world.pick(readers).cutFeed()
            case 7: world.pick(readers).cutControl()
            case 8: world.pick(readers).restart()
            case 9: follow(all)
            default: follow(all + [guest])
            }
            faultSoon()
        }
    }

    private func follow(_ actors: [Actor]) {
        for hub in hubs { hub.follow(Registry(actors.map(\.registered))) }
    }

    /// What may happen to hubs that share a log.
    private func clusterFault() {
        switch world.number(0...7) {
        case 0: writer?.crash()
        case 1: writer?.stop()
        case 2: writer?.session?.cut()
        case 3: world.pick(hubs).stop()
        case 4: world.pick(hubs).session?.cut()
        case 5: world.pick(hubs).leave()
        case 6:
            // The database is away, or another server takes its place.
            memory.set(isAway: true)
            world.after(world.number(50...4_000)) { [memory] in memory.set(isAway: false) }
        default: memory.loseNextAnswer()
        }
    }

    /// Who has the lease now.
    var writer: HubNode? { hubs.first { $0.turn?.core.role == .writing } }

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
        // Whatever is still under way must change nothing; and who comes only now gets all that is left.
        lateReader = ReaderNode(world, hubs, late, Wanted(), start: 0)
        for _ in 0..<15 {
            world.run(until: world.now + 4_000)
            if lateReader?.given.count == storedRecords().count { break }
        }
        return world.problems + (differences.isEmpty ? shortfalls() : differences)
    }
}
