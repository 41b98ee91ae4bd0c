internal import Alerts
internal import CAP

extension FuzzedDecoder {
    /// From the year 1 to 9998.
    private static let middle =
        Timestamp(milliseconds: -62_135_596_800_000)...Timestamp(milliseconds: 253_370_764_800_000)

    /// What a post does with another system's document.
    func cap(_ bytes: [UInt8]) -> String? {
        if let document = try? CAPDocument.read(bytes).document {
            guard let written = try? document.encoded() else { return "can't be written" }
            let infos = document.infos.flatMap { [$0.effective, $0.onset, $0.expires].compactMap { $0 } }
            let times = [document.sent] + document.references.map(\.sent) + infos
            // In Cambodia some moments of the first and the last year have a year of another one.
            let isWritable = times.allSatisfy { FuzzedDecoder.middle.contains($0) }
            if isWritable, (try? CAPDocument.read(written).document) != document {
                return "is another when written again"
            }
        }
        guard let made = try? CAPImport(bytes, post: "koh-kong", provinces: Sample.provinces) else {
            return nil
        }
        guard let draft = try? AlertDraft(made.draft) else { return "makes no draft" }
        guard draft.id != nil else { return "makes a draft without an id" }
        let now = Timestamp(milliseconds: 1_795_476_600_000)
        guard
            let (alert, payload) = try? draft.completed(
                sender: "koh-kong", now: now, id: { AlertID(time: now, random: []) },
                provinces: Sample.provinces)
        else { return nil }
        return (try? Alert.decode(payload, provinces: Sample.provinces)) == alert
            ? nil : "the hub reads another alert"
    }
}
