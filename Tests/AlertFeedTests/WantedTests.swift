import Alerts
import Foundation
import Platform
import Provinces
import Settings
import Testing

@testable import AlertFeed

@Suite("What a reader asks for")
struct WantedTests {
    let provinces: ProvinceDirectory

    init() throws {
        let overlay = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("config/provinces.toml")
        provinces = try ReferenceData.provinces(overlay: overlay.path)
    }

    private func grant(_ texts: String...) -> Grant { Grant(slugs: texts) ?? .none }

    @Test("nothing asked for is everything granted")
    func everything() {
        #expect(Wanted().selection(grant("koh-kong"), provinces) == .topics(.everything))
    }

    @Test("provinces and kinds narrow what is granted")
    func narrowed() throws {
        let kohKong = try #require(provinces.find("koh-kong"))
        let wanted = Wanted(provinces: [kohKong], kinds: [.movement])
        #expect(
            wanted.selection(grant("all"), provinces)
                == .topics(.topics([Topic(country: "kh", province: "koh-kong", kind: .movement)])))
        #expect(
            Wanted(kinds: [.suspect]).selection(grant("koh-kong", "prey-veng/movement"), provinces)
                == .topics(.topics([Topic(country: "kh", province: "koh-kong", kind: .suspect)])))
    }

    @Test("a province that is not granted is missing, whatever else is asked for")
    func missing() throws {
        let kohKong = try #require(provinces.find("koh-kong"))
        let preyVeng = try #require(provinces.find("prey-veng"))
        #expect(
            Wanted(provinces: [kohKong, preyVeng]).selection(grant("koh-kong"), provinces)
                == .missing("prey-veng"))
        #expect(
            Wanted(provinces: [kohKong], kinds: [.suspect]).selection(
                grant("koh-kong/movement"), provinces) == .missing("koh-kong/suspect"))
    }

    @Test("a kind that is granted nowhere is missing: an empty list of topics would ask for all of them")
    func missingKind() {
        #expect(
            Wanted(kinds: [.suspect]).selection(grant("all/movement"), provinces) == .missing("all/suspect"))
    }
}
