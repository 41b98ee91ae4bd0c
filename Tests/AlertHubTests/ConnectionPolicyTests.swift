import Foundation
import Testing

@testable import AlertHub

@Suite("Connection policy")
struct ConnectionPolicyTests {
    typealias Peer = ConnectionPolicy.Peer

    /// Peers of one IPv4 address, numbered from `first`.
    private func peers(
        _ count: Int, from address: UInt8, first: UInt64, _ stage: ConnectionPolicy.Stage = .silent
    ) -> [Peer] {
        (0..<count).map { Peer(id: first + UInt64($0), address: [192, 0, 2, address], stage: stage) }
    }

    /// With a limit at which 68 may wait: (400 - 50 - 78) / 4.
    private func look(
        _ policy: inout ConnectionPolicy, _ peers: [Peer], own: Int = 78, at second: Int = 0
    ) -> ConnectionPolicy.Verdict {
        policy.look(peers, used: own + peers.count, limit: 400, at: .seconds(second))
    }

    @Test("the reserve and the number that may wait follow the limit, within bounds")
    func bounds() {
        #expect([64, 400, 4_096, 65_536].map(ConnectionPolicy.reserve) == [32, 50, 512, 1_024])
        #expect(ConnectionPolicy.mostWaiting(limit: 65_536, own: 100) == 1_024)
        #expect(ConnectionPolicy.mostWaiting(limit: 400, own: 78) == 68)
        #expect(ConnectionPolicy.mostWaiting(limit: 64, own: 60) == 16)
    }

    @Test("as many as may wait are left alone")
    func fitting() {
        var policy = ConnectionPolicy()
        let verdict = look(&policy, peers(68, from: 1, first: 0, .greeted))
        #expect(verdict.cut.isEmpty && verdict.notices.isEmpty && !verdict.isShort)
    }

    @Test("beyond the bound those of the address with the most go, oldest and most silent first")
    func heaviest() {
        var policy = ConnectionPolicy()
        let old = peers(30, from: 1, first: 100)
        let honest = peers(2, from: 2, first: 0, .greeted)
        #expect(look(&policy, old + honest).cut.isEmpty)
        let new = peers(40, from: 1, first: 200)
        let further = peers(3, from: 1, first: 50, .answered)
        // 75 wait where 68 may.
        #expect(look(&policy, old + new + honest + further, at: 1).cut == Array(100..<107))
    }

    @Test("addresses that have the same share the loss")
    func sharing() {
        var policy = ConnectionPolicy()
        let verdict = look(&policy, peers(50, from: 1, first: 0) + peers(50, from: 2, first: 100))
        #expect(verdict.cut.count == 32)
        #expect(verdict.cut.count { $0 < 100 } == 16)
    }

    @Test("an address with a living peer loses none before all others have lost theirs")
    func livingAddress() {
        var policy = ConnectionPolicy()
        let living = peers(1, from: 1, first: 1_000, .admitted)
        let theirs = peers(60, from: 1, first: 0)
        let strangers = (0..<60).map {
            Peer(id: 2_000 + UInt64($0), address: [198, 51, 100, UInt8($0)], stage: .silent)
        }
        let verdict = look(&policy, living + theirs + strangers)
        #expect(verdict.cut.count == 52)
        #expect(verdict.cut.allSatisfy { $0 >= 2_000 })
        // With nobody else there it loses what is too much, and nobody who is let in.
        let alone = look(&policy, living + peers(100, from: 1, first: 0))
        #expect(alone.cut.count == 32 && !alone.cut.contains(1_000))
    }

    @Test("an IPv6 network counts as one address")
    func networks() {
        var policy = ConnectionPolicy()
        let spread = (0..<80).map {
            Peer(
                id: UInt64($0), address: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8($0)],
                stage: .silent)
        }
        let other = Peer(
            id: 999, address: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 8),
            stage: .silent)
        let verdict = look(&policy, spread + [other])
        #expect(verdict.cut.count == 13 && !verdict.cut.contains(999))
    }

    @Test("whoever is silent for three seconds goes while many wait, and stays while few do")
    func silence() {
        var policy = ConnectionPolicy()
        let few = peers(10, from: 1, first: 0)
        #expect(look(&policy, few).cut.isEmpty && look(&policy, few, at: 9).cut.isEmpty)
        let many = few + peers(30, from: 2, first: 100, .greeted)
        #expect(look(&policy, many, at: 10).cut == few.map(\.id))
    }

    @Test(
        "when those that are let in leave the reserve not free, nobody else comes in, and both ends of it are told"
    )
    func shortage() {
        var policy = ConnectionPolicy()
        let full = look(&policy, peers(280, from: 1, first: 0, .admitted) + peers(5, from: 2, first: 900))
        #expect(full.isShort && Set(full.cut) == Set(900..<905))
        #expect(full.notices.map(\.event) == [.connectionsCut, .descriptorsShort])
        let still = look(&policy, peers(270, from: 1, first: 0, .admitted), at: 1)
        #expect(still.isShort && still.notices.isEmpty)
        let over = look(&policy, peers(240, from: 1, first: 0, .admitted), at: 2)
        #expect(!over.isShort && over.notices.map(\.event) == [.descriptorsFree])
    }

    @Test("while many come it is looked at soon again, and not for those that only stay")
    func pressure() {
        var policy = ConnectionPolicy()
        let many = peers(60, from: 1, first: 0)
        #expect(look(&policy, many).isPressed)
        #expect(!look(&policy, many, at: 1).isPressed)
        #expect(look(&policy, many + peers(9, from: 1, first: 100), at: 2).isPressed)
    }

    @Test("what was cut is told every ten seconds, with the number and the address")
    func telling() throws {
        var policy = ConnectionPolicy()
        let first = look(&policy, peers(100, from: 7, first: 0))
        let notice = try #require(first.notices.first)
        #expect(
            notice.event == .connectionsCut && notice.peer == "192.0.2.7" && notice.message.hasPrefix("32 "))
        #expect(look(&policy, peers(78, from: 7, first: 500), at: 5).notices.isEmpty)
        let later = look(&policy, peers(69, from: 7, first: 900), at: 11)
        #expect(later.notices.first?.message.hasPrefix("11 ") == true)
    }

    @Test(
        "whatever waits: never more is left than may wait, and the reserve is free unless those let in take it"
    )
    func always() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<300 {
            var policy = ConnectionPolicy()
            let all = (0..<Int.random(in: 0...330, using: &random)).map { number in
                Peer(
                    id: UInt64(number), address: [10, 0, 0, UInt8.random(in: 0...9, using: &random)],
                    stage: ConnectionPolicy.Stage(rawValue: Int.random(in: 0...3, using: &random)) ?? .silent)
            }
            let verdict = look(&policy, all)
            let cut = Set(verdict.cut)
            #expect(cut.count == verdict.cut.count, "\(round)")
            let admitted = all.filter { $0.stage == .admitted }
            #expect(admitted.allSatisfy { !cut.contains($0.id) })
            let left = all.count - cut.count
            #expect(left - admitted.count <= 68)
            #expect(78 + left <= 350 || left == admitted.count)
            #expect(verdict.isShort == (78 + left > 350))
        }
    }
}
