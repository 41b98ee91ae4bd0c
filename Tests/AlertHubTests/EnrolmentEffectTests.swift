import Alerts
import Testing

@testable import AlertHub

@Suite("What enrolling says beside the grants")
struct EnrolmentEffectTests {
    private func identity(
        _ name: String, publish: [String] = [], read: [String] = [], duty: [String] = [],
        may: Set<Permission> = []
    ) -> EnrolledIdentity {
        var actor = Actor(name, publish: Grant(slugs: publish) ?? .none, read: Grant(slugs: read) ?? .none)
        (actor.duty, actor.may) = (Grant(slugs: duty) ?? .none, may)
        return actor.registered
    }

    @Test(
        "a grant of a province includes its sightings, one of a kind does not, and is told what they are called"
    )
    func sightings() {
        func lines(_ read: [String]) -> [String] {
            EnrolmentEffect(identity("reader", read: read), among: []).lines
        }
        #expect(lines(["koh-kong"]) == ["it reads sightings of koh-kong too"])
        #expect(
            lines(["koh-kong", "pursat/suspect", "pursat/movement"]) == [
                "it reads sightings of koh-kong",
                "with pursat/movement,pursat/suspect it reads no sightings: those are pursat/sighting",
            ])
        #expect(lines(["all"]) == ["it reads sightings of all too"])
        #expect(lines([]) == [])
    }

    @Test("new grants are told as what changes")
    func changes() {
        let before = identity("koh-kong", publish: ["koh-kong"], read: ["koh-kong/suspect", "pursat"])
        var after = before
        (after.publish, after.read) = (
            Grant(slugs: ["all"]) ?? .none, Grant(slugs: ["koh-kong"]) ?? .none
        )
        #expect(
            EnrolmentEffect(after, among: [before]).lines == [
                "it publishes all from now on", "it reads koh-kong from now on",
                "it no longer reads pursat", "it reads sightings of koh-kong too",
            ])
    }

    @Test("who reads what an identity signs is named when its key is new, and only then")
    func keys() {
        let narrow = identity("narrow", read: ["pursat"])
        let wide = identity("wide", read: ["all"])
        let officer = identity("officer", read: ["koh-kong"], duty: ["koh-kong"], may: [.ack])
        let needed = EnrolmentEffect(officer, among: [narrow, wide]).lines.last
        #expect(needed == "give officer.pub to those who read what it signs: wide")
        let post = identity("koh-kong", publish: ["koh-kong"])
        #expect(
            EnrolmentEffect(post, among: [narrow, wide]).lines == [
                "give koh-kong.pub to those who read what it signs: narrow, wide"
            ])
        #expect(EnrolmentEffect(post, among: [narrow, post]).lines == [])
        #expect(EnrolmentEffect(narrow, among: [wide]).lines == ["it reads sightings of pursat too"])
    }
}
