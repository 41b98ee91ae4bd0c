import Alerts
import Foundation
import Platform
import Testing

@testable import Provinces

@Suite("Reference data")
struct ReferenceDataTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private let head = "as_of = '2026-11-24'\ncrossing = []\n"
    private let kohKong = "[[province]]\ncode = 'KH-9'\nenglish = 'Koh Kong'\nkhmer = 'កោះកុង'\n"
    private var overlay: String { head + kohKong }

    private func complaint(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)".replacingOccurrences(of: scratch.path + "/", with: "")
        }
    }

    @Test("provinces come from ISO's list, named as the overlay has them")
    func loads() throws {
        let file = try scratch.write(overlay, to: "provinces.toml")
        let provinces = try ReferenceData.provinces(overlay: file)
        #expect(provinces.find("កោះកុង")?.code == "KH-9")
        #expect(provinces.find("Koh Kong")?.slug == "koh-kong")
        #expect(provinces.find("Trat")?.code == "TH-23")
    }

    @Test("without ISO's list the package is named")
    func namesPackage() throws {
        let file = try scratch.write(overlay, to: "provinces.toml")
        #expect(
            complaint {
                _ = try ReferenceData.provinces(overlay: file, isoCodes: scratch.path + "/none.json")
            }
                == "none.json: No such file or directory; install the Debian package iso-codes")
        let broken = try scratch.write("{", to: "broken.json")
        #expect(
            complaint { _ = try ReferenceData.provinces(overlay: file, isoCodes: broken) }
                .hasPrefix("broken.json: not the list"))
    }

    @Test("a mistake in the overlay is named with the file, and its line where it has one")
    func namesOverlay() throws {
        let typo = try scratch.write(overlay + "[[province]]\ncode = 'KH-8'\nkhmr = 'x'\n", to: "a.toml")
        #expect(
            complaint { _ = try ReferenceData.provinces(overlay: typo) }
                == "a.toml:9: province[1].khmr: unknown key; did you mean province[1].khmer?")
        let twice = try scratch.write(overlay + kohKong, to: "b.toml")
        #expect(
            complaint { _ = try ReferenceData.provinces(overlay: twice) }
                .hasPrefix("b.toml: two entries for KH-9"))
        #expect(
            complaint { _ = try ReferenceData.provinces(overlay: scratch.path + "/none.toml") }
                == "none.toml: No such file or directory")
    }

    @Test("the system's overlay comes first, then that of the nearest directory above the program")
    func findsOverlay() throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: scratch.path + "/config", withIntermediateDirectories: false)
        try manager.createDirectory(atPath: scratch.path + "/.build/debug", withIntermediateDirectories: true)
        let tree = try scratch.write(overlay, to: "config/provinces.toml")
        let program = scratch.path + "/.build/debug/borderwire"
        let none = scratch.path + "/etc.toml"
        #expect(try ReferenceData.overlayFile(system: none, above: program) == tree)
        let system = try scratch.write(overlay, to: "etc.toml")
        #expect(try ReferenceData.overlayFile(system: system, above: program) == system)
    }

    @Test("without any overlay the error says where one is wanted")
    func namesPlaces() {
        #expect {
            try ReferenceData.overlayFile(system: "/nowhere/provinces.toml", above: "/usr/bin/borderwire")
        } throws: {
            "\($0)" == "/nowhere/provinces.toml: there is no such file, and no config/provinces.toml above "
                + "/usr/bin/borderwire; copy config/provinces.toml there, or name it in the settings"
        }
    }
}
