import Foundation
import Identity
import Platform
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

    @Test(
        "a named pipe in a file's place is refused at once, by whom it would stop; a command may be handed one"
    )
    func pipes() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/hub.toml"
        #expect(mkfifo(path, 0o600) == 0)
        #expect {
            try Files.read(path, limit: 10)
        } throws: {
            "\($0)".hasPrefix("read \(path): is a pipe or a device")
        }
        #expect(throws: SettingsError.self) { _ = try TOMLDocument(file: path) }
        #expect(throws: KeyError.self) { _ = try KeyFiles.readPublic(path) }
        #expect(throws: FileError.self) { _ = try Files.read("/dev/zero", limit: 10) }
        // Both ends at once, so that nobody waits.
        let ends = open(path, O_RDWR)
        defer { close(ends) }
        #expect(write(ends, "draft", 5) == 5)
        let reading = open(path, O_RDONLY)
        defer { close(reading) }
        #expect(try Files.readAnything("/dev/null", limit: 10) == [])
    }

    @Test(
        "a directory that others can write is refused for a daemon's files",
        arguments: [0o777, 0o770, 0o1777])
    func openDirectory(mode: Int) throws {
        let scratch = try Scratch()
        try Files.expectPrivate(scratch.path)
        #expect(chmod(scratch.path, mode_t(mode)) == 0)
        #expect {
            try Files.expectPrivate(scratch.path)
        } throws: {
            ($0 as? FileError)?.exitStatus == .noPermission && "\($0)".contains("chmod go-w")
        }
        try Files.expectPrivate(scratch.path + "/none")
    }

    @Test(
        "root gives away what it has put into a service's directory, and nothing that was put in its place",
        .enabled(if: geteuid() == 0, "only root can give files away"))
    func givesAway() throws {
        let scratch = try Scratch()
        let ours = try scratch.write("", to: "ours")
        let secret = try scratch.write("", to: "secret")
        #expect(symlink(secret, scratch.path + "/link") == 0)
        #expect(link(secret, scratch.path + "/name") == 0)
        #expect(chown(scratch.path, 4_711, 4_712) == 0)
        try Files.giveToOwner(ofDirectoryOf: ours)
        try Files.giveToOwner(ofDirectoryOf: scratch.path + "/none")
        for name in ["/link", "/name"] {
            #expect(throws: FileError.self) { try Files.giveToOwner(ofDirectoryOf: scratch.path + name) }
        }
        #expect(try Files.facts(of: ours)?.owner == 4_711)
        #expect(try Files.facts(of: secret)?.owner == 0)
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
