import Foundation
import Settings
import Testing

@Suite("Files")
struct FilesTests {
    private func mode(of path: String) throws -> UInt32? { try Files.facts(of: path)?.mode }

    @Test("an atomic write replaces the whole file and leaves nothing else behind")
    func replaces() throws {
        let scratch = try Scratch()
        let path = try scratch.write("a long old text", to: "a")
        try Files.writeAtomically(Array("new".utf8), to: path, mode: 0o640)
        #expect(try Files.read(path, limit: 100) == Array("new".utf8))
        #expect(try mode(of: path) == 0o640)
        #expect(try Files.names(in: scratch.path) == ["a"])
    }

    @Test("an atomic write that fails leaves the old file and nothing else")
    func keepsOld() throws {
        let scratch = try Scratch()
        // A directory can't be replaced by a file.
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/d", withIntermediateDirectories: false)
        #expect(throws: FileError.self) { try Files.writeAtomically([1], to: scratch.path + "/d") }
        #expect(try Files.names(in: scratch.path) == ["d"])
    }

    @Test(
        "an atomic write by root keeps the owner and group of what it replaces",
        .enabled(if: geteuid() == 0, "only root can give files away"))
    func keepsOwner() throws {
        let scratch = try Scratch()
        let path = try scratch.write("old", to: "a")
        #expect(chown(path, 4_711, 4_712) == 0)
        try Files.writeAtomically([1], to: path, mode: 0o640)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_uid == 4_711)
        #expect(status.st_gid == 4_712)
        #expect(try mode(of: path) == 0o640)
    }

    @Test("what a crash left of an earlier write is in no one's way")
    func survivesCrash() throws {
        let scratch = try Scratch()
        try scratch.write("half", to: "a.\(getpid()).tmp")
        try Files.writeAtomically(Array("whole".utf8), to: scratch.path + "/a")
        #expect(try Files.names(in: scratch.path) == ["a"])
    }

    @Test("making a file never touches one that is there")
    func neverOverwrites() throws {
        let scratch = try Scratch()
        let path = try scratch.write("old", to: "a")
        #expect {
            try Files.create([1], at: path, mode: 0o600)
        } throws: {
            ($0 as? FileError)?.isPresent == true
        }
        #expect(try Files.read(path, limit: 10) == Array("old".utf8))
    }

    @Test("a file at its size limit is read, one byte more is refused")
    func limits() throws {
        let scratch = try Scratch()
        let path = try scratch.write(String(repeating: "x", count: 200_000), to: "a")
        #expect(try Files.read(path, limit: 200_000).count == 200_000)
        #expect {
            try Files.read(path, limit: 199_999)
        } throws: {
            "\($0)" == "read \(path): larger than 199999B"
        }
    }

    @Test("errors name the operation, the path and the system's reason, and end as sysexits say")
    func describes() throws {
        let scratch = try Scratch()
        #expect {
            try Files.read(scratch.path + "/none", limit: 1)
        } throws: { error in
            "\(error)" == "read \(scratch.path)/none: No such file or directory"
                && (error as? FileError)?.exitStatus == .noInput
        }
        #expect {
            try Files.create([], at: scratch.path + "/no/where", mode: 0o600)
        } throws: {
            "\($0)" == "create \(scratch.path)/no/where: No such file or directory"
        }
        #expect(throws: FileError.self) { try Files.read("a\u{0}b", limit: 1) }
        #expect(try Files.facts(of: scratch.path + "/none") == nil)
    }

    @Test("a relative path is seen from the directory given, an absolute one stays")
    func joins() {
        #expect(Files.path("a/b", from: "/etc") == "/etc/a/b")
        #expect(Files.path("/a", from: "/etc") == "/a")
        #expect(Files.path("a", from: "") == "a")
        #expect(Files.path("a", from: "/") == "/a")
        #expect(Files.directory(of: "a") == "")
        #expect(Files.directory(of: "/a") == "/")
        #expect(Files.directory(of: "x/y/a") == "x/y")
    }
}
