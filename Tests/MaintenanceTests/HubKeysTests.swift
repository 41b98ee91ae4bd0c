import Alerts
import Foundation
import Identity
import LogProof
import Testing
import Wire

@Suite("The hub's keys")
struct HubKeysTests {
    private let first = IdentityKeys(name: "hub")
    private let second = IdentityKeys(name: "hub")
    private let third = IdentityKeys(name: "hub")
    private let stranger = IdentityKeys(name: "hub")

    private func succession(_ from: IdentityKeys, _ to: IdentityKeys) -> Succession {
        Succession(from: from, to: to.publicKeys, time: Timestamp(milliseconds: 5))
    }

    private func refusal(_ keys: inout HubKeys, _ succession: Succession) -> String? {
        do throws(HubKeys.Refused) {
            _ = try keys.learn(succession)
            return nil
        } catch {
            return error.description
        }
    }

    private func fails(_ keys: inout HubKeys, _ at: Duration) -> Bool { keys.failed(at: at) }

    private func isNew(_ keys: inout HubKeys) -> Bool { keys.connected() }

    @Test(
        "a peer tries the second key when the handshake with the first fails, and stays with it once it was good"
    )
    func goOver() throws {
        var keys = HubKeys(first.publicKeys)
        #expect(!fails(&keys, .zero))
        let isTaken = try keys.learn(succession(first, second))
        #expect(isTaken)
        let isTakenAgain = try keys.learn(succession(first, second))
        #expect(!isTakenAgain)
        #expect(keys.current == first.publicKeys)
        #expect(fails(&keys, .seconds(10)))
        #expect(keys.current == second.publicKeys)
        // A hub without room: nothing is certain, and none is stormed.
        #expect(!fails(&keys, .seconds(11)))
        #expect(fails(&keys, .seconds(12)))
        #expect(keys.current == first.publicKeys)
        #expect(!isNew(&keys))
        #expect(fails(&keys, .seconds(14)))
        #expect(isNew(&keys))
        for at in 20..<30 { #expect(!fails(&keys, .seconds(at))) }
        #expect(keys.current == second.publicKeys)
    }

    @Test("a chain of keys outlives the program, and the key in the settings may be any of them")
    func kept() throws {
        var keys = HubKeys(first.publicKeys)
        _ = try keys.learn(succession(first, second))
        _ = keys.failed(at: .zero)
        _ = keys.connected()
        _ = try keys.learn(succession(second, third))
        let kept = try #require(HubKeyFile.kept(in: HubKeyFile.bytes(of: keys.kept)))
        #expect(kept == keys.kept)
        let again = HubKeys(first.publicKeys, kept)
        #expect(again.keys == [first, second, third].map(\.publicKeys))
        #expect(again.current == second.publicKeys)
        #expect(HubKeys(second.publicKeys, kept).keys == [second, third].map(\.publicKeys))
        #expect(HubKeys(third.publicKeys, kept).current == third.publicKeys)
        #expect(HubKeys(stranger.publicKeys, kept).keys == [stranger.publicKeys])
    }

    @Test("what another key has signed, or was changed since, is refused whether it is said or kept")
    func falseOnes() {
        var keys = HubKeys(first.publicKeys)
        var forged = succession(stranger, second)
        forged.former = HexBytes(first.signing.verifyingKey.bytes)
        var changed = succession(first, second)
        changed.curve = HexBytes(stranger.curve.publicKey)
        var later = succession(first, second)
        later.time += 1
        let renamed = Succession(
            from: first, to: IdentityKeys(name: "other").publicKeys, time: Timestamp(milliseconds: 5))
        var short = succession(first, second)
        short.signature.bytes.removeLast()
        for bad in [forged, changed, later, renamed, short, succession(stranger, second)] {
            #expect(refusal(&keys, bad)?.contains("not signed with its key") == true)
            #expect(HubKeys(first.publicKeys, HubKeys.Kept(successions: [bad])).keys.count == 1)
        }
        #expect(refusal(&keys, succession(first, first))?.contains("former key") == true)
        #expect(keys.keys == [first.publicKeys])
    }

    @Test("who has stolen a key can't name another successor, nor any once the peer has gone over")
    func stolen() throws {
        var keys = HubKeys(first.publicKeys)
        _ = try keys.learn(succession(first, second))
        #expect(
            refusal(&keys, succession(first, stranger))?.contains("someone else may have its key") == true)
        _ = keys.failed(at: .zero)
        _ = keys.connected()
        #expect(refusal(&keys, succession(first, stranger)) != nil)
        #expect(refusal(&keys, succession(second, first)) != nil)
        #expect(keys.keys == [first, second].map(\.publicKeys))
        #expect(keys.current == second.publicKeys)
    }

    @Test("checkpoints of either key are good, kept ones stay proofs, and a stranger's never are")
    func checkpoints() throws {
        func checkpoint(_ offset: UInt64, _ hash: UInt8, _ key: IdentityKeys) -> SignedCheckpoint {
            Checkpoint(
                log: 7, offset: offset, time: Timestamp(milliseconds: 5),
                hash: Array(repeating: hash, count: 32), root: Array(repeating: hash, count: 32)
            ).signed(by: key.signing)
        }
        var witness = CheckpointVerifier(hub: first.signing.verifyingKey, kept: [])
        _ = try witness.see(checkpoint(1, 1, first))
        #expect(throws: CheckpointVerifier.Fork.self) { try witness.check(checkpoint(2, 2, second)) }
        witness.trust([first.signing.verifyingKey, second.signing.verifyingKey])
        try witness.confirm(checkpoint(1, 1, second))
        #expect(throws: CheckpointVerifier.Fork.self) { try witness.check(checkpoint(1, 9, second)) }
        #expect(throws: CheckpointVerifier.Fork.self) { try witness.check(checkpoint(2, 2, stranger)) }
    }

    @Test("a welcome carries a whole succession, and one with a part of another length is malformed")
    func welcome() throws {
        var alive = Reply.Alive(request: 1, time: 2)
        alive.successor = succession(first, second)
        #expect(try Reply(frames: Reply.alive(alive).frames()) == .alive(alive))
        alive.successor?.curve.bytes.removeLast()
        #expect(throws: Malformed.self) { try Reply(frames: Reply.alive(alive).frames()) }
    }

    @Test("news are told once, and a file that can't be kept is said")
    func news() throws {
        let hub = try KnownHub(first.publicKeys, file: nil)
        guard case .warning(let words) = hub.learn(succession(first, second)) else {
            Issue.record("nothing said")
            return
        }
        #expect(words.contains("until the program ends"))
        #expect(hub.learn(succession(first, second)) == nil)
        #expect(hub.learn(succession(first, stranger)) != nil)
        #expect(hub.learn(succession(first, stranger)) == nil)
        #expect(hub.connected() == nil)
    }
}
