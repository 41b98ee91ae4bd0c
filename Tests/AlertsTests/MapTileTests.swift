import Alerts
import Testing

/// The tile map shows who borders whom. What lies where is from `config/provinces.toml`; who borders whom is written here.
@Suite("Map tiles")
struct MapTileTests {
    private let provinces = Result { try Reference.provinces() }

    /// Across Cambodia's land and river borders: each of its provinces with those that it certainly borders.
    private static let abroad: [String: [String]] = [
        "KH-1": ["TH-27"], "KH-2": ["TH-22", "TH-27"], "KH-7": ["VN-47"], "KH-8": ["VN-44"],
        "KH-9": ["TH-23"],
        "KH-10": ["VN-58"], "KH-11": ["VN-33", "VN-72", "VN-58"], "KH-13": ["TH-33", "TH-34", "LA-CH"],
        "KH-14": ["VN-45", "VN-41"], "KH-15": ["TH-23"], "KH-16": ["VN-30", "LA-AT"], "KH-19": ["LA-CH"],
        "KH-20": ["VN-37", "VN-41"], "KH-21": ["VN-44"], "KH-22": ["TH-32", "TH-33"], "KH-24": ["TH-22"],
        "KH-25": ["VN-37", "VN-58"],
    ]

    /// Within Cambodia, each pair once.
    private static let within: [String: [String]] = [
        "KH-1": ["KH-2", "KH-17", "KH-22"], "KH-2": ["KH-15", "KH-17", "KH-24"],
        "KH-3": ["KH-4", "KH-6", "KH-8", "KH-10", "KH-14", "KH-25"],
        "KH-4": ["KH-5", "KH-6", "KH-8", "KH-15"],
        "KH-5": ["KH-7", "KH-8", "KH-9", "KH-15", "KH-18", "KH-21"],
        "KH-6": ["KH-10", "KH-13", "KH-17", "KH-19"], "KH-7": ["KH-9", "KH-18", "KH-21", "KH-23"],
        "KH-8": ["KH-12", "KH-14", "KH-21"], "KH-9": ["KH-15", "KH-18"],
        "KH-10": ["KH-11", "KH-19", "KH-25"],
        "KH-11": ["KH-16", "KH-19"], "KH-13": ["KH-17", "KH-19", "KH-22"], "KH-14": ["KH-20", "KH-25"],
        "KH-16": ["KH-19"], "KH-17": ["KH-22"], "KH-20": ["KH-25"],
    ]

    /// Crossings whose sides the grid has no room for: Prey Veng and Tay Ninh meet at one corner, and which of the two
    /// provinces of Cambodia there has this one is not certain. No more than three.
    private static let apartAtCrossings: Set<String> = ["Mon Chey"]

    /// Neighbours within Cambodia that stand two tiles apart.
    private static let apart: Set<[String]> = [["KH-3", "KH-14"], ["KH-5", "KH-18"], ["KH-10", "KH-25"]]

    private func tile(_ code: String) throws -> MapTile {
        try #require(try provinces.get().province(code: code)?.tile, "\(code) has no tile")
    }

    @Test("all of Cambodia's provinces are on the map, and those of its neighbours along the border")
    func complete() throws {
        for province in try provinces.get().provinces where province.country == "kh" {
            #expect(province.tile != nil, "\(province.english)")
        }
        for code in Set(MapTileTests.abroad.values.joined()) { _ = try tile(code) }
    }

    @Test("the two sides of each land border touch on the map, without exception")
    func borders() throws {
        for (code, others) in MapTileTests.abroad {
            for other in others {
                #expect(try tile(code).touches(try tile(other)), "\(code) and \(other)")
            }
        }
    }

    @Test("provinces of Cambodia that border each other touch on the map, but for three pairs")
    func neighbours() throws {
        #expect(MapTileTests.apart.count <= 3)
        for (code, others) in MapTileTests.within {
            for other in others {
                let isApart = MapTileTests.apart.contains([code, other])
                #expect(try tile(code).touches(try tile(other)) != isApart, "\(code) and \(other)")
            }
        }
    }

    @Test("the two sides of each crossing touch on the map, but for one")
    func crossings() throws {
        #expect(MapTileTests.apartAtCrossings.count <= 3)
        let directory = try provinces.get()
        var count = 0
        for crossing in directory.crossings {
            // The last word of a counterpart is its province; ports and airports have none.
            let place = crossing.counterpart.split(separator: ",").last.map(String.init) ?? ""
            guard let other = directory.find(place) else {
                #expect(crossing.counterpart.isEmpty, "\(crossing.name): \(place) is no province")
                continue
            }
            count += 1
            let isApart = MapTileTests.apartAtCrossings.contains(crossing.name)
            #expect(
                try tile(crossing.province).touches(try tile(other.code)) != isApart, "\(crossing.name)")
        }
        #expect(count >= 20)
    }

    private func directory(_ tiles: [[Int]]) throws -> ProvinceDirectory {
        let named = [("KH-9", "Koh Kong"), ("KH-14", "Prey Veng"), ("KH-15", "Pursat")]
        let entries = zip(named, tiles).map { ProvinceOverlay.Entry(code: $0.0, english: $0.1, tile: $1) }
        return try ProvinceDirectory(
            isoCodes: try Reference.isoCodes(),
            overlay: ProvinceOverlay(asOf: "2026-11-24", provinces: entries))
    }

    @Test("two provinces on one place are refused, with both names and the place")
    func clash() throws {
        #expect {
            _ = try directory([[1, 4], [2, 2], [1, 4]])
        } throws: { error in
            "\(error)"
                == "provinces.toml: tile [1, 4] is Koh Kong's and Pursat's. Give one of them another"
        }
        #expect(try directory([[1, 4], [2, 2]]).province(code: "KH-9")?.tile == MapTile([1, 4]))
    }

    @Test(
        "a place that is none is refused, with the province's name",
        arguments: [[], [1], [1, 2, 3], [-1, 0], [0, 64], [.max, .min]])
    func noPlace(place: [Int]) throws {
        #expect {
            _ = try directory([place])
        } throws: { "\($0)".contains("is not a column and a row, each from 0 to 63") }
    }
}
