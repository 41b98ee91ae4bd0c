import Testing
import Wire

@testable import HubLink

@Suite("Which hub comes next")
struct HubChoiceTests {
    private func refusal(_ code: ReasonCode, hub: String? = nil) -> Reply.Refused {
        var refused = Reply.Refused(request: 1, code: code, reason: "")
        refused.hub = hub
        return refused
    }

    /// Welcomed by the first of three.
    private var welcomed: HubChoice {
        var choice = HubChoice(["a", "b", "c"], at: .zero)
        choice.note(isWelcomed: true, .seconds(1))
        return choice
    }

    @Test("with one hub it stays, whatever happens")
    func one() {
        var choice = HubChoice(["a"], at: .zero)
        choice.lost(.seconds(1))
        choice.refused(refusal(.elsewhere, hub: "b"), .seconds(2))
        claim(!choice.tick(.seconds(100)))
        #expect(choice.nextTick > .seconds(1_000_000))
    }

    @Test("when the connection is gone, the next one at once")
    func lost() {
        var choice = welcomed
        choice.lost(.seconds(5))
        claim(choice.tick(.seconds(5)))
        #expect(choice.current == 1)
    }

    @Test(
        "1.5 s without an answer of one that had welcomed it, 3 s without a welcome of another, and not before"
    )
    func silent() {
        var choice = welcomed
        claim(!choice.tick(.seconds(900)))
        choice.note(isWelcomed: false, .seconds(1_000))
        choice.note(isWelcomed: false, .milliseconds(1_001_400))
        claim(!choice.tick(.milliseconds(1_001_499)))
        claim(choice.tick(.milliseconds(1_001_500)))
        claim(!choice.tick(.milliseconds(1_004_499)))
        claim(choice.tick(.milliseconds(1_004_500)))
        claim(choice.tick(.milliseconds(1_007_500)))
        #expect(choice.current == 0, "after the last one comes the first")
    }

    @Test(
        "to the hub that writes, where it is known; else to the next; to the same where it is the one or nobody writes"
    )
    func elsewhere() {
        for (hub, place) in [("c", 2), ("unknown", 1)] {
            var choice = welcomed
            choice.refused(refusal(.elsewhere, hub: hub), .seconds(5))
            claim(choice.tick(.seconds(5)))
            #expect(choice.current == place)
        }
        for hub in ["a", nil] {
            var choice = welcomed
            choice.refused(refusal(.elsewhere, hub: hub), .seconds(5))
            claim(!choice.tick(.seconds(5)))
            claim(choice.tick(.seconds(8)))
        }
    }

    @Test("unavailable in answer to a hello sends on; to a later request it does not")
    func unavailable() {
        var choice = welcomed
        choice.refused(refusal(.unavailable), .seconds(5))
        claim(!choice.tick(.seconds(5)))
        choice.note(isWelcomed: false, .seconds(6))
        choice.refused(refusal(.unavailable), .seconds(6))
        claim(choice.tick(.seconds(6)))
        #expect(choice.current == 1)
    }

    @Test("two hubs that each name the other are asked four times a second, and not more")
    func pingPong() {
        var choice = HubChoice(["a", "b"], at: .zero)
        var changes = 0
        for millisecond in 0..<10_000 {
            let now = Duration.milliseconds(millisecond)
            choice.refused(refusal(.elsewhere, hub: choice.current == 0 ? "b" : "a"), now)
            if choice.tick(now) { changes += 1 }
        }
        #expect((30...41).contains(changes))
    }
}

/// As `#expect`, which takes nothing that changes a value.
private func claim(
    _ isSo: Bool, _ words: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(isSo, words, sourceLocation: sourceLocation)
}
