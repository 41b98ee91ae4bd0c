import Alerts
import Testing

@Suite("Provinces")
struct ProvinceTests {
    let provinces = Result { try Reference.provinces() }

    @Test(
        "any name finds the province",
        arguments: [
            ("Bangkok", "TH-10"), ("กรุงเทพมหานคร", "TH-10"), ("Krung Thep Maha Nakhon", "TH-10"),
            ("Sai Gon", "VN-SG"),
            ("Hồ Chí Minh", "VN-SG"), ("Ho Chi Minh City", "VN-SG"), ("Hue", "VN-26"),
            ("Phnom Penh City", "KH-12"),
            ("Koh Kong City", "KH-9"), ("Ｋｏｈ－Ｋｏｎｇ", "KH-9"),
            ("KH-9", "KH-9"), ("kh-9", "KH-9"), ("kh9", "KH-9"), ("koh-kong", "KH-9"), ("Koh Kong", "KH-9"),
            ("KOHKONG", "KH-9"), ("Kaoh Kong", "KH-9"), ("Koh Kung", "KH-9"), ("កោះកុង", "KH-9"),
            ("ខេត្តកោះកុង", "KH-9"), ("Koh Kong Province", "KH-9"), ("kh.koh-kong", "KH-9"), ("kep", "KH-23"),
            ("កោះ\u{200B}កុង", "KH-9"), ("\u{FEFF}Koh\u{A0}Kong ", "KH-9"),
            ("កណ្ដាល", "KH-8"), ("កណ្តាល", "KH-8"), ("ឧត្ដរមានជ័យ", "KH-22"), ("ឧត្តរមានជ័យ", "KH-22"),
            ("Kâmpôt", "KH-7"), ("Ka\u{302}mpo\u{302}t", "KH-7"), ("Stoĕng Trêng", "KH-19"),
            ("Sihanoukville", "KH-18"), ("Kompong Som", "KH-18"), ("ពោធិ៍សាត់", "KH-15"),
            ("រាជធានីភ្នំពេញ", "KH-12"), ("Trat", "TH-23"), ("ตราด", "TH-23"), ("Đắk Lắk", "VN-33"),
            ("dak lak", "VN-33"), ("Tây Ninh", "VN-37"), ("Champassak", "LA-CH"), ("vientiane", "LA-VT"),
        ])
    func finds(name: String, code: String) throws {
        #expect(try provinces.get().find(name)?.code == code)
    }

    @Test("the same syllable typed in another order finds the province")
    func khmerOrder() throws {
        // Tboung Khmum's last syllable ends in vowel U and sign NIKAHIT; some keyboards give them the other way round.
        let usual = "ត្បូងឃ្មុំ"
        let other = String(String.UnicodeScalarView(usual.unicodeScalars.dropLast(2))) + "\u{17C6}\u{17BB}"
        #expect(usual != other)
        #expect(try provinces.get().find(other)?.code == "KH-25")
    }

    @Test(
        "what is nobody's name finds nothing",
        arguments: ["", " ", "-", "Koh Kng", "KH-99", "Paris", "ខេត្ត", "province", "Viangchan", "9"])
    func findsNothing(name: String) throws {
        #expect(try provinces.get().find(name) == nil)
    }

    @Test(
        "a mistyped name gets the province that was meant first, of three",
        arguments: [
            ("Koh Kng", "KH-9"), ("Prey Vegn", "KH-14"), ("Pnom Pen", "KH-12"), ("Svay Rien", "KH-20"),
            ("កោះកង", "KH-9"), ("Tay Nihn", "VN-37"), ("KH-90", "KH-9"),
        ])
    func nearest(name: String, code: String) throws {
        let nearest = try provinces.get().nearest(name)
        #expect(nearest.count == 3)
        #expect(Set(nearest.map(\.code)).count == 3)
        #expect(nearest.first?.code == code)
    }

    @Test("a name of any length and of anything is searched without a trap")
    func extremes() throws {
        let provinces = try provinces.get()
        for name in [
            String(repeating: "្ដ", count: 100_000), "\u{17D2}", "\u{0}", "🇰🇭", "ß", "\u{17D2}\u{178A}",
        ] {
            #expect(provinces.find(name) == nil)
            #expect(provinces.nearest(name, count: 2).count == 2)
        }
        #expect(provinces.nearest("x", count: -1).isEmpty)
    }

    @Test("every province is found by its own code, slug and names, in constant time by code")
    func ownNames() throws {
        let provinces = try provinces.get()
        #expect(provinces.provinces.filter { $0.country == "kh" }.count == 25)
        for province in provinces.provinces {
            #expect(provinces.province(code: province.code) == province)
            #expect(provinces.find(province.code) == province)
            #expect(provinces.find(province.slug) == province)
            #expect(provinces.find(province.english) == province)
            for name in province.names where name != "Viangchan" {
                #expect(provinces.find(name) == province, "\(name)")
            }
        }
        #expect(provinces.province(code: "kh-9") == nil)
    }

    @Test("slugs are unique, and each makes a topic that reads back")
    func slugs() throws {
        let provinces = try provinces.get().provinces
        #expect(Set(provinces.map(\.slug)).count == provinces.count)
        for province in provinces {
            let topic = province.topic(.suspect)
            #expect(Topic(topic.name) == topic)
        }
    }

    @Test("all Cambodian provinces have a Khmer name")
    func khmer() throws {
        #expect(try provinces.get().provinces.allSatisfy { $0.country != "kh" || $0.khmer != nil })
    }

    @Test("slugs that would be the same are told apart: by country, and within a country by code")
    func collidingSlugs() throws {
        let list = #"""
            {"3166-2": [{"code": "KH-1", "name": "Same", "type": "Province"}, {"code": "TH-1", "name": "Same"},
             {"code": "LA-A", "name": "Twin"}, {"code": "LA-B", "name": "Twin"}, {"code": "FR-1", "name": "Same"},
             {"code": "VN-1", "name": "ក"}]}
            """#
        let provinces = try ProvinceDirectory(
            isoCodes: Array(list.utf8), overlay: ProvinceOverlay(asOf: "2026-11-24"))
        #expect(
            provinces.provinces.map(\.slug) == ["kh-same", "th-same", "twin-la-a", "twin-la-b", "vn-1"])
        #expect(provinces.find("Same") == nil)
        #expect(provinces.find("th-same")?.code == "TH-1")
    }

    @Test("a list that isn't the ISO list is refused in words")
    func badList() throws {
        for bytes in [
            [], Array("{}".utf8), Array("[1]".utf8), [0xFF, 0xFE], Array(#"{"3166-2": [{"x": 1}]}"#.utf8),
        ] {
            let error = #expect(throws: ProvinceDirectoryError.self) {
                try ProvinceDirectory(isoCodes: bytes, overlay: ProvinceOverlay(asOf: ""))
            }
            #expect(error?.description.contains("iso-codes") == true)
        }
        #expect(throws: ProvinceDirectoryError.emptyList) {
            try ProvinceDirectory(
                isoCodes: Array(#"{"3166-2": [{"code": "FR-1", "name": "A"}]}"#.utf8),
                overlay: ProvinceOverlay(asOf: ""))
        }
    }

    @Test("mistakes in the overlay are named")
    func badOverlay() throws {
        func error(_ entries: [ProvinceOverlay.Entry], _ crossings: [Crossing] = []) throws -> String? {
            let list = try Reference.isoCodes()
            let overlay = ProvinceOverlay(asOf: "", provinces: entries, crossings: crossings)
            return #expect(throws: ProvinceDirectoryError.self) {
                try ProvinceDirectory(isoCodes: list, overlay: overlay)
            }?.description
        }
        #expect(try error([.init(code: "KH-26", english: "New")])?.contains("New is of KH-26") == true)
        #expect(
            try error([.init(code: "KH-9"), .init(code: "KH-9")])?.contains("two entries for KH-9") == true)
        #expect(
            try error([.init(code: "KH-9", names: ["Same"]), .init(code: "KH-8", names: ["same"])])?
                .contains("KH-8 and KH-9") == true)
        let crossing = Crossing(
            name: "Nowhere", province: "KH-77", counterpart: "", kind: .road, status: .unknown,
            asOf: "2026-11-24")
        #expect(try error([], [crossing])?.contains("Nowhere is of KH-77") == true)
    }

    @Test("the crossings are dated, in known provinces, and 80 characters suffice")
    func crossings() throws {
        let provinces = try provinces.get()
        #expect(provinces.crossings.count >= 25)
        #expect(provinces.crossings.filter { $0.province == "KH-9" }.map(\.name) == ["Cham Yeam"])
        for crossing in provinces.crossings {
            #expect(crossing.name.unicodeScalars.count <= Alert.Limits.crossing)
            #expect(Timestamp(rfc3339: crossing.asOf + "T00:00:00+07:00") != nil)
        }
    }
}
