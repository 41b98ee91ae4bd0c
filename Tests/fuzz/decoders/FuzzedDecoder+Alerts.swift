internal import AlertPost
internal import Alerts
internal import Glibc
internal import JSON

extension FuzzedDecoder {
    /// Texts that both parsers take mean the same to both.
    func json(_ bytes: [UInt8]) -> String? {
        guard let document = try? JSONDocument(bytes) else { return nil }
        guard let other = PlainJSON(bytes) else { return nil }
        return other.complaint(about: document.root)
    }

    /// What the hub does with a payload, and what an analyst's program does with it.
    func alert(_ bytes: [UInt8]) -> String? {
        do throws(InvalidAlert) {
            let alert = try Alert.decode(bytes, provinces: Sample.provinces)
            guard bytes.count <= Alert.Limits.payload else { return "is past its limit" }
            guard alert.topics(in: Sample.provinces).count == alert.provinces.count else {
                return "a province has no topic"
            }
            let written = alert.encoded()
            let times = [alert.sent, alert.expires] + (alert.movement?.lastSeen.map { [$0.time] } ?? [])
            guard
                (try? Alert.decode(written, provinces: Sample.provinces)) == alert
                    || times.contains(where: isAtTheEnd)
            else {
                return "is another when written again"
            }
            // A reader with another parser sees the same alert.
            guard let other = PlainJSON(bytes) else { return "another parser doesn't take it" }
            guard other.text("id") == alert.id.description, other.text("sender") == alert.sender else {
                return "another parser reads another alert"
            }
            return nil
        } catch {
            guard !error.problems.isEmpty else { return "is refused without a reason" }
            return error.problems.count <= Alert.Limits.problems + 1
                ? nil : "has more problems than the limit"
        }
    }

    func draft(_ bytes: [UInt8]) -> String? {
        let now = Timestamp(milliseconds: 1_764_028_800_123)
        guard
            let (alert, payload) = try? AlertDraft(bytes).completed(
                sender: "koh-kong", now: now, id: { AlertID(time: now, random: []) },
                province: "koh kong", provinces: Sample.provinces)
        else { return nil }
        guard alert.sender == "koh-kong", payload.count <= Alert.Limits.payload else {
            return "breaks a rule of drafts"
        }
        guard (try? Alert.decode(payload, provinces: Sample.provinces)) == alert else {
            return "the hub reads another alert"
        }
        return alert.encoded() == payload ? nil : "is written in two ways"
    }

    /// Lines as they come through a pipe.
    func drafts(_ bytes: [UInt8]) -> String? {
        var ends: [CInt] = [0, 0]
        guard bytes.count <= longest, pipe(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        let written = write(ends[1], bytes, bytes.count)
        close(ends[1])
        guard written == bytes.count, var reader = try? DraftReader("/proc/self/fd/\(ends[0])") else {
            return nil
        }
        var lines: [DraftReader.Line] = []
        while let more = try? reader.next(3), !more.isEmpty { lines += more }
        let text = DraftReader.withoutMark(bytes)
        let wanted = text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().filter {
            $1.contains { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        }
        let same = lines.elementsEqual(wanted) { line, other in
            line.number == other.offset + 1 && line.bytes.elementsEqual(other.element)
        }
        return same ? nil : "lines are lost or changed"
    }

    func time(_ bytes: [UInt8]) -> String? {
        if bytes.count == 8 {
            let number = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
            guard Timestamp(rfc3339: Timestamp(milliseconds: number).rfc3339()) != nil else {
                return "a moment is written as no time"
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let id = AlertID(text), !id.description.utf8.elementsEqual(bytes) {
            return "an id is written otherwise"
        }
        guard let time = Timestamp(typed: text) else { return nil }
        if let strict = Timestamp(rfc3339: text), strict != time { return "a time has two meanings" }
        return isWritten(time) || isAtTheEnd(time) ? nil : "is another when written again"
    }

    private func isWritten(_ time: Timestamp) -> Bool { Timestamp(rfc3339: time.rfc3339()) == time }

    /// Within a day of the first and the last year of four digits: in Cambodia some of these moments have a year of five,
    /// and come out as the nearest that has four.
    private func isAtTheEnd(_ time: Timestamp) -> Bool {
        ["0000-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"].contains { end in
            let distance = (Timestamp(rfc3339: end)?.milliseconds ?? 0) - time.milliseconds
            return distance.magnitude <= 86_400_000
        }
    }
}
