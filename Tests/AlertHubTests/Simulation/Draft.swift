import Alerts

/// What a post of the simulation says, and where PROTOCOL.md's "Routing" delivers it.
struct Draft {
    enum What: CaseIterable {
        case alert, update, cancel, safe, ack, sighting
    }

    var what: What
    var kind: Kind
    /// Codes, the origin first.
    var provinces: [String]
    /// The number of the alert that it is about.
    var subject: UInt64?
    /// Of a Cancel by which whoever was sought is safe: the numbers of all versions.
    var versions: [UInt64] = []
    /// Of a movement: which of few plates.
    var plate: Int64?
    /// Of a sighting.
    var isShared = false
    /// The hub has to refuse it.
    var isBad = false

    /// Its author's own topics.
    var own: [Topic] { provinces.map { Reference.topic($0, kind) } }

    /// - subject: where that is delivered; nil: the hub does not have it yet.
    func topics(subject: [Topic]?) -> [Topic] {
        var topics = own
        switch what {
        case .alert: break
        case .update, .cancel, .safe, .ack: topics += subject ?? []
        case .sighting:
            guard let subject else { break }
            topics =
                subject.map { Topic(country: $0.country, province: $0.province, kind: .sighting) }
                + (isShared ? own : [])
        }
        var seen: Set<Topic> = []
        return topics.filter { seen.insert($0).inserted }
    }

    func payload(_ number: UInt64, sender: String) -> [UInt8] {
        let codes = provinces.map { "\"\($0)\"" }.joined(separator: ",")
        let about = subject.map { sampleID($0) } ?? ""
        let named = versions.map { "\"\(sampleID($0))\"" }.joined(separator: ",")
        let refers =
            switch what {
            case .alert, .sighting: #""msgType":"Alert""#
            case .update: #""msgType":"Update","references":["\#(about)"]"#
            case .cancel: #""msgType":"Cancel","references":["\#(about)"]"#
            case .safe: #""msgType":"Cancel","resolution":"safe","references":[\#(named)]"#
            case .ack: #""msgType":"Ack","references":["\#(about)"]"#
            }
        let vehicle = plate.map { #","vehicle":{"type":"van","plate":"2AB-000\#($0)"}"# } ?? ""
        let section =
            switch (what, kind) {
            case (.ack, _): ""
            case (.sighting, _):
                #","sighting":{"of":"\#(about)","outcome":"seen","identifiers":["plate"],"#
                    + #""time":"2026-11-24T06:30:00+07:00"\#(isShared ? #","share":true"# : "")}"#
            case (_, .movement):
                #","movement":{"mode":"road","direction":"out","people":9,"minors":0\#(vehicle)}"#
            default: #","suspect":{"role":"recruiter","sex":"male","ageRange":{"min":35,"max":45}}"#
            }
        let headline = what == .ack ? "" : #","headline":{"en":"\#(sampleHeadline)"}"#
        return Array(
            """
            {"id":"\(sampleID(number))","sender":"\(isBad ? "somebody-else" : sender)",\
            "sent":"2026-11-24T06:30:00+07:00","status":"Test",\(refers),"kind":"\(kind.rawValue)",\
            "urgency":"Expected","severity":"Severe","certainty":"Likely","expires":"2027-11-01T06:30:00+07:00",\
            "handling":"TLP:RED","provinces":[\(codes)]\(headline)\(section)}
            """.utf8)
    }
}
