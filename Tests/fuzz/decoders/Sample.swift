internal import Alerts
internal import Identity
internal import Wire

/// What decoders need beside the bytes: small, and the same in each run.
enum Sample {
    /// What the golden seals are over: this header and the digest of this payload.
    static let header = PostHeader(
        post: "test-post", epoch: 0x1122_3344_5566_7788, sequence: 1,
        queued: Timestamp(milliseconds: 1_764_028_800_123), facts: facts
    ).encoded()
    static let digest = Seal.digest(of: Array("{\"number\":1}".utf8))

    static let facts = AlertFacts(
        id: Array(1...16), kind: Kind.suspect.code, messageType: MessageType.alert.code,
        status: Status.actual.code, expires: Timestamp(milliseconds: 1_764_115_200_000))

    /// Of the golden seals' post.
    static let signing = key(0)

    /// The same in each run.
    static func key(_ number: UInt8) -> SigningKey {
        guard let key = SigningKey(seed: Array(number..<number + 32)) else {
            preconditionFailure("a seed is 32 bytes")
        }
        return key
    }

    static let provinces: ProvinceDirectory = {
        let overlay = ProvinceOverlay(
            asOf: "2026-11-24",
            provinces: [ProvinceOverlay.Entry(code: "KH-9", khmer: "កោះកុង", names: ["Kaoh Kong"])])
        guard let provinces = try? ProvinceDirectory(isoCodes: Array(list.utf8), overlay: overlay) else {
            preconditionFailure("the sample's list is one")
        }
        return provinces
    }()

    static let list = """
        {"3166-2": [{"code": "KH-9", "name": "Koh Kong", "type": "Province"},
        {"code": "KH-14", "name": "Prey Veng", "type": "Province"},
        {"code": "TH-23", "name": "Trat", "type": "Province"},
        {"code": "VN-44", "name": "An Giang", "type": "Province"}]}
        """
}
