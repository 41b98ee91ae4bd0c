import Foundation
import Platform
import Settings
import Testing

@testable import AlertHub

@Suite("The registry's file")
struct RegistryFileTests {
    let directory: String
    let file: RegistryFile
    let registry = Registry(
        ["analyst", "koh-kong", "prey-veng"].map { name in
            var actor = Actor(name, read: Reference.grant("koh-kong"))
            if name == "prey-veng" { actor.address = Reference.grant("trat", "pursat/suspect") }
            if name == "analyst" {
                (actor.duty, actor.may) = (Reference.grant("koh-kong/suspect"), [.ack, .receipts])
            }
            return actor.registered
        })

    init() throws {
        directory = NSTemporaryDirectory() + "borderwire-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        file = RegistryFile(path: directory + "/registry.toml", provinces: Reference.provinces)
    }

    private func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file.path)) }
    private func put(_ data: Data) throws { try data.write(to: URL(fileURLWithPath: file.path)) }
    private func put(_ text: String) throws { try put(Data(text.utf8)) }

    @Test("cut anywhere, it is refused or the same: nobody is revoked by a file that is not whole")
    func cut() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try file.write(registry)
        #expect(try file.read() == registry)
        let whole = try bytes()
        for length in 0..<whole.count {
            try put(whole.prefix(length))
            // At a start too; only an empty file is one that was never written.
            if length > 0, let read = try? file.read() {
                #expect(read == registry, "cut after \(length) bytes")
            }
            do throws(SettingsError) {
                #expect(try file.read(after: registry).registry == registry, "cut after \(length) bytes")
            } catch {
                #expect(error.description.contains(file.path))
            }
        }
        try FileManager.default.removeItem(atPath: file.path)
        #expect(throws: SettingsError.self) { try file.read(after: registry).registry }
    }

    @Test("the first file may be empty or not there, and the last one may be revoked")
    func empty() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try file.read() == Registry())
        try put("")
        #expect(try file.read() == Registry())
        #expect(try file.read(after: Registry()).registry == Registry())
        try file.write(Registry())
        #expect(try file.read(after: registry).registry == Registry())
    }

    @Test(
        "duty that read does not cover, and a permission that is none, are refused with their place",
        arguments: [
            ("duty = [\"pursat\", \"koh-kong\"]", "identity[0].duty: pursat is not covered by read"),
            ("may = [\"acks\"]", "identity[0].may: acks is none of ack, receipts"),
        ])
    func duty(line: String, problem: String) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try file.write(Registry([Actor("analyst", read: Reference.grant("koh-kong")).registered]))
        try put(String(decoding: try bytes(), as: UTF8.self) + line + "\n")
        do throws(SettingsError) {
            _ = try file.read()
            Issue.record("was taken")
        } catch {
            #expect(error.description.contains(problem), "\(error)")
        }
    }

    @Test("one that is written by hand needs no count, and a wrong one is named")
    func byHand() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try file.write(registry)
        let text = String(decoding: try bytes(), as: UTF8.self)
        try put(text.replacingOccurrences(of: "count = 3\n", with: ""))
        #expect(try file.read(after: registry).registry == registry)
        try put(text.replacingOccurrences(of: "count = 3\n", with: "count = 4\n"))
        do throws(SettingsError) {
            _ = try file.read()
            Issue.record("was taken")
        } catch {
            #expect(error.description.contains("count: says 4, and 3 identities are here"), "\(error)")
        }
    }
}
