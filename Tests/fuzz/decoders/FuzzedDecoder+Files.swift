internal import AlertFeed
internal import AlertHub
internal import AlertPost
internal import Alerts
internal import Identity
internal import LogProof
import Platform
internal import Settings
internal import Wire

/// Files: what is read and written again reads the same.
extension FuzzedDecoder {
    func hubSettings(_ bytes: [UInt8]) -> String? { settings(bytes, HubSettings.self) }

    func postSettings(_ bytes: [UInt8]) -> String? { settings(bytes, PostSettings.self) }

    func analystSettings(_ bytes: [UInt8]) -> String? { settings(bytes, ReaderSettings.self) }

    private func settings<Value: Decodable>(_ bytes: [UInt8], _: Value.Type) -> String? {
        document(bytes) { document in
            _ = try? document.decode(Value.self)
            return nil
        }
    }

    func provinces(_ bytes: [UInt8]) -> String? {
        document(bytes) { document in
            guard let overlay = try? document.decode(ProvinceOverlay.self),
                let directory = try? ProvinceDirectory(isoCodes: Array(Sample.list.utf8), overlay: overlay)
            else { return nil }
            return complaint(about: directory)
        }
    }

    func subdivisions(_ bytes: [UInt8]) -> String? {
        let overlay = ProvinceOverlay(asOf: "2026-11-24")
        guard let directory = try? ProvinceDirectory(isoCodes: bytes, overlay: overlay) else { return nil }
        return complaint(about: directory)
    }

    private func complaint(about directory: ProvinceDirectory) -> String? {
        for province in directory.provinces {
            guard directory.province(code: province.code) == province else { return "a code finds another" }
            guard Topic(province.topic(.suspect).name) != nil else { return "a slug makes no topic" }
        }
        guard Set(directory.provinces.map(\.slug)).count == directory.provinces.count else {
            return "two provinces share a slug"
        }
        return nil
    }

    func registry(_ bytes: [UInt8]) -> String? {
        document(bytes) { document in
            let file = RegistryText(name: document.file, provinces: Sample.provinces)
            guard let registry = try? file.registry(in: document).registry else { return nil }
            let text = Array(RegistryText.text(of: registry).utf8)
            guard let written = try? TOMLDocument(text: text, file: document.file),
                let again = try? file.registry(in: written)
            else { return "can't be read when written again" }
            return again.registry == registry ? nil : "is another when written again"
        }
    }

    func publicKey(_ bytes: [UInt8]) -> String? {
        document(bytes) { document in
            guard let keys = try? KeyFiles.publicKeys(in: document) else { return nil }
            let text = Array(publicText(of: keys).utf8)
            guard let written = try? TOMLDocument(text: text, file: document.file) else {
                return "can't be read when written again"
            }
            return (try? KeyFiles.publicKeys(in: written)) == keys ? nil : "is another when written again"
        }
    }

    func secretKey(_ bytes: [UInt8]) -> String? {
        document(bytes) { document in
            guard let keys = try? KeyFiles.secretKeys(in: document) else { return nil }
            let text = Array(secretText(of: keys).utf8)
            guard let written = try? TOMLDocument(text: text, file: document.file),
                let again = try? KeyFiles.secretKeys(in: written)
            else { return "can't be read when written again" }
            return again.publicKeys == keys.publicKeys ? nil : "is another when written again"
        }
    }

    func checkpoint(_ bytes: [UInt8]) -> String? {
        guard let checkpoints = CheckpointFile.checkpoints(in: bytes) else { return nil }
        guard CheckpointFile.checkpoints(in: CheckpointFile.bytes(of: checkpoints)) == checkpoints else {
            return "is another when written again"
        }
        for checkpoint in checkpoints
        where (try? SignedCheckpoint(decoding: checkpoint.encoded())) != checkpoint {
            return "is another as a frame"
        }
        return nil
    }

    func cursor(_ bytes: [UInt8]) -> String? {
        guard let place = Cursor.place(in: bytes) else { return nil }
        guard place.offset <= WireLimits.number else { return "no log has its offset" }
        if let output = place.output {
            guard output.offset <= WireLimits.number else { return "no log has its next offset" }
            guard output.from <= output.to, Int64(exactly: output.to) != nil else {
                return "no file has its length"
            }
        }
        return nil
    }

    func endpoints(_ bytes: [UInt8]) -> String? {
        guard let endpoints = Endpoints(bytes) else { return nil }
        guard [endpoints.control, endpoints.ingest, endpoints.metrics ?? 1].allSatisfy((1...65_535).contains)
        else { return "a port is none" }
        return Endpoints(endpoints.bytes) == endpoints ? nil : "is another when written again"
    }

    /// What the hub remembers of time, and the operator's word.
    func clock(_ bytes: [UInt8]) -> String? {
        if let word = ClockWord(bytes) {
            return ClockWord(word.bytes) == word ? nil : "is another word when written again"
        }
        guard let file = ClockFile(bytes) else { return nil }
        return ClockFile(file.bytes) == file ? nil : "is another when written again"
    }

    /// Read a second way: owner and mask aside, one entry reads and none else does anything.
    func accessList(_ bytes: [UInt8]) -> String? {
        guard let reader = AccessList(bytes).soleReader else { return nil }
        let entries = stride(from: 4, to: bytes.count, by: 8).map {
            Array(bytes[$0..<min($0 + 8, bytes.count)])
        }
        let open = entries.filter { entry in
            entry.count == 8 && !([0x01, 0x10].contains(entry[0]) && entry[1] == 0)
                && entry[2] | entry[3] != 0
        }
        guard open.count == 1, Array(open[0].prefix(4)) == [2, 0, 4, 0] else { return "lets others in" }
        let user = open[0].suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return user == reader ? nil : "lets another user in"
    }

    /// What a post's daemon says of itself.
    func postStatus(_ bytes: [UInt8]) -> String? {
        guard let status = PostStatus(bytes) else { return nil }
        return PostStatus(status.bytes) == status ? nil : "is another when written again"
    }

    /// What a console says to the post's daemon, and what it hears.
    func desk(_ bytes: [UInt8]) -> String? {
        if let question = DeskMessage.Question(bytes), DeskMessage.Question(question.bytes) != question {
            return "is another question when written again"
        }
        guard let answer = DeskMessage.Answer(bytes) else { return nil }
        return DeskMessage.Answer(answer.bytes) == answer ? nil : "is another answer when written again"
    }

    private func document(_ bytes: [UInt8], _ check: (TOMLDocument) -> String?) -> String? {
        do throws(SettingsError) {
            return check(try TOMLDocument(text: bytes, file: "fuzzed.toml"))
        } catch {
            return error.cause.hasPrefix("can't be indexed") ? "TOML was turned into no JSON" : nil
        }
    }
}
