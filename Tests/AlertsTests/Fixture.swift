import Alerts
import Foundation
import Platform
import Settings

/// The repository's own reference data, read as the programs read it.
enum Reference {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let config = root.appendingPathComponent("config")

    static func isoCodes() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/iso-codes/json/iso_3166-2.json")))
    }

    static func overlay() throws -> ProvinceOverlay {
        try decodeTOML(ProvinceOverlay.self, file: config.appendingPathComponent("provinces.toml").path)
    }

    private static let directory = Result {
        try ProvinceDirectory(isoCodes: try isoCodes(), overlay: try overlay())
    }

    static func provinces() throws -> ProvinceDirectory { try directory.get() }
}

/// An alert's JSON that a test bends: fields are set and taken away by path, `movement.vehicle.plate`.
struct Sample {
    var json: [String: Any]

    static var movement: Sample {
        Sample(json: [
            "id": "01a20abe-b4c0-7abc-8def-0123456789ab", "sender": "koh-kong",
            "sent": "2026-11-24T06:30:00+07:00", "status": "Actual", "msgType": "Alert", "kind": "movement",
            "urgency": "Immediate", "severity": "Severe", "certainty": "Likely",
            "expires": "2026-11-25T06:30:00+07:00", "handling": "TLP:AMBER",
            "provinces": ["KH-9", "TH-23"], "crossing": "Cham Yeam",
            "headline": ["en": "White van towards Cham Yeam"],
            "movement": [
                "mode": "road", "direction": "out", "from": "Sre Ambel", "towards": "Hat Lek",
                "vehicle": ["type": "van", "plate": "2AB-1234", "colour": "white"] as [String: Any],
                "people": 9, "minors": 0,
                "lastSeen": ["time": "2026-11-24T06:10:00+07:00", "place": "Andoung Tuek"],
            ] as [String: Any],
        ])
    }

    static var suspect: Sample {
        var sample = movement
        sample["kind"] = "suspect"
        sample["movement"] = nil
        sample["suspect"] =
            [
                "role": "recruiter", "aliases": ["Ta Mao"], "sex": "male",
                "ageRange": ["min": 35, "max": 45],
                "nationality": "KH",
                "documents": [["type": "passport", "country": "KH", "number": "N0000001"]],
                "marks": "scar on the left hand", "vehicle": ["type": "motorcycle"],
            ] as [String: Any]
        return sample
    }

    static var personAtRisk: [String: Any] {
        [
            "role": "possible-victim", "reference": "R-HRQ21SR9PD", "ageBand": "18-24", "sex": "female",
            "count": 1,
        ]
    }

    subscript(path: String) -> Any? {
        get {
            path.split(separator: ".").reduce(json as Any?) { ($0 as? [String: Any])?[String($1)] }
        }
        set {
            json = Sample.set(json, path.split(separator: ".").map(String.init)[...], newValue)
        }
    }

    private static func set(_ object: [String: Any], _ path: ArraySlice<String>, _ value: Any?) -> [String:
        Any]
    {
        guard let name = path.first else { return object }
        var object = object
        object[name] =
            path.count == 1 ? value : set(object[name] as? [String: Any] ?? [:], path.dropFirst(), value)
        return object
    }

    func with(_ path: String, _ value: Any?) -> Sample {
        var sample = self
        sample[path] = value
        return sample
    }

    var bytes: [UInt8] {
        get throws { Array(try JSONSerialization.data(withJSONObject: json)) }
    }
}

/// The problems of an alert, one line each; empty when it is taken.
func problems(_ payload: [UInt8]) throws -> [String] {
    let provinces = try Reference.provinces()
    do {
        _ = try Alert.decode(payload, provinces: provinces)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

func problems(_ sample: Sample) throws -> [String] { try problems(try sample.bytes) }

func decoded(_ sample: Sample) throws -> Alert {
    try Alert.decode(try sample.bytes, provinces: try Reference.provinces())
}
