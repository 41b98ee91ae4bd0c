internal import Alerts
internal import CAP

extension FuzzedDecoder {
    /// What a post does with another system's document.
    func cap(_ bytes: [UInt8]) -> String? {
        if let document = try? CAPDocument.read(bytes).document {
            guard let written = try? document.encoded() else { return "can't be written" }
            // A reference's comma and space are its own, and moments have years of four digits.
            if let again = try? CAPDocument.read(written).document, again != document {
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
