import Foundation
import Glibc
import Synchronization
import Testing

@testable import Platform

@Suite("Platform")
struct PlatformTests {
    @Test(
        "a wait is rounded up to whole milliseconds and kept within what C takes",
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.microseconds(400), 1), (.milliseconds(1), 1),
            (.microseconds(1_001), 2), (.seconds(5), 5_000), (.milliseconds(-1), 0), (.seconds(-100), 0),
            (.seconds(Int64.max / 4), 2_000_000_000), (.milliseconds(1_999_999_999), 1_999_999_999),
        ] as [(Duration, Int32)])
    func milliseconds(_ duration: Duration, _ expected: Int32) {
        #expect(duration.wholeMilliseconds == expected)
    }

    @Test("signals of a thread that blocks them are read as events, in place of what they would do")
    func signals() throws {
        let told = Mutex<[SignalSource.Signal]>([])
        let thread = try NamedThread("signals") {
            guard let source = try? SignalSource() else { return }
            for signal in [SIGTERM, SIGHUP, SIGINT] { pthread_kill(pthread_self(), signal) }
            var item = pollfd(fd: source.descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&item, 1, 10_000) == 1 else { return }
            while let signal = source.next() { told.withLock { $0.append(signal) } }
        }
        thread.join()
        // Pending standard signals are delivered by number, the lowest first (signal(7)).
        #expect(told.withLock(\.self) == [.reload, .stop, .stop])
    }

    @Test("a wake is readable from its signal to its clearing, however often it was given")
    func wake() throws {
        let wake = try Wake()
        func isReadable() -> Bool {
            var item = pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
            return Glibc.poll(&item, 1, 0) == 1
        }
        #expect(!isReadable())
        wake.clear()
        for _ in 0..<3 { wake.signal() }
        #expect(isReadable())
        wake.clear()
        #expect(!isReadable())
    }

    @Test("whoever waits for a wake goes on with it, also when it came first")
    func waiting() throws {
        let first = try Wake()
        let second = try Wake()
        let thread = try NamedThread("waits") {
            first.wait()
            second.signal()
        }
        first.signal()
        second.wait()
        thread.join()
    }

    @Test("a lock is one holder's until it is dropped")
    func lock() throws {
        let path = NSTemporaryDirectory() + "borderwire-lock-" + UUID().uuidString
        defer { unlink(path) }
        func isFree() throws -> Bool {
            guard let lock = try FileLock.acquire(path) else { return false }
            _ = consume lock
            return true
        }
        guard let held = try FileLock.acquire(path) else {
            Issue.record("a new file is locked")
            return
        }
        #expect(try !isFree())
        _ = consume held
        #expect(try isFree())
        var info = stat()
        #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o600)
    }

    @Test("a lock that is dropped is free, also while another process still has its descriptor")
    func inheritedLock() throws {
        let path = NSTemporaryDirectory() + "borderwire-lock-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var other: Int32 = -1
        do {
            let lock = try FileLock.acquire(path)
            // As a child between fork and exec has it: the same open file under another number.
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            for descriptor in descriptors.compactMap({ Int32($0) }) {
                var (open, named) = (stat(), stat())
                guard fstat(descriptor, &open) == 0, stat(path, &named) == 0, open.st_ino == named.st_ino,
                    open.st_dev == named.st_dev
                else { continue }
                other = dup(descriptor)
            }
            _ = consume lock
        }
        defer { close(other) }
        try #require(other >= 0)
        let isFree = try FileLock.acquire(path) != nil
        #expect(isFree)
    }

    @Test(
        "a lock is taken on a plain file with one name of one's own, and anything else stays as it is",
        arguments: ["a symbolic link", "another name", "a pipe", "another user's file"])
    func foreignLock(_ kind: String) throws {
        let directory = NSTemporaryDirectory() + "borderwire-lock-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (path, secret) = (directory + "/lock", directory + "/secret")
        try Data("kept".utf8).write(to: URL(fileURLWithPath: secret))
        switch kind {
        case "a symbolic link": #expect(symlink(secret, path) == 0)
        case "another name": #expect(link(secret, path) == 0)
        case "a pipe": #expect(mkfifo(path, 0o600) == 0)
        default:
            guard geteuid() == 0 else { return }
            #expect(rename(secret, path) == 0 && chown(path, 4_711, 4_711) == 0)
        }
        let error = #expect(throws: PlatformError.self) { _ = try FileLock.acquire(path) }
        #expect(error?.description.hasPrefix("lock \(path): it ") == true, "\(String(describing: error))")
        #expect(throws: PlatformError.self) { _ = try FileLock.isHeld(path) }
        if kind != "a pipe" {
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
        }
    }

    @Test(
        "a lock file that root made, or that belongs to the owner of its directory where root asks, is taken")
    func rootsLock() throws {
        guard geteuid() == 0 else { return }
        let directory = NSTemporaryDirectory() + "borderwire-lock-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/lock"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(chown(path, 4_711, 4_711) == 0 && chown(directory, 4_711, 4_711) == 0)
        let isTaken = try FileLock.acquire(path) != nil
        #expect(isTaken)
    }

    @Test("who asks whether a lock is held makes no file, and takes nothing")
    func asksOnly() throws {
        let path = NSTemporaryDirectory() + "borderwire-lock-\(UUID().uuidString)"
        defer { unlink(path) }
        #expect(try !FileLock.isHeld(path))
        #expect(access(path, F_OK) != 0)
        let lock = try FileLock.acquire(path)
        #expect(try FileLock.isHeld(path))
        _ = consume lock
        #expect(try !FileLock.isHeld(path))
    }

    @Test("those who only ask are in nobody's way")
    func asking() throws {
        let path = NSTemporaryDirectory() + "borderwire-lock-\(UUID().uuidString)"
        defer { unlink(path) }
        let isOver = Mutex(false)
        let asking = try NamedThread("asks") {
            while !isOver.withLock({ $0 }) { _ = try? FileLock.isHeld(path) }
        }
        var taken = 0
        for _ in 0..<100 {
            guard let lock = try FileLock.acquire(path) else { continue }
            taken += 1
            _ = consume lock
        }
        isOver.withLock { $0 = true }
        asking.join()
        #expect(taken == 100)
    }

    @Test("notices to the service manager leave by one socket, also once no descriptor is free")
    func oneNoticeSocket() throws {
        let path = NSTemporaryDirectory() + "notice-\(UUID().uuidString.prefix(8))"
        defer { unlink(path) }
        let manager = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(manager) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(manager, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        let notices = try #require(NoticeSocket(path))
        for text in ["READY=1", "WATCHDOG=1"] {
            notices.send(text)
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = recv(manager, &bytes, bytes.count, 0)
            #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == text)
        }
        #expect(NoticeSocket("") == nil && NoticeSocket("relative") == nil)
    }

    @Test("a lock in a directory that is not there says what could not be opened")
    func lockError() {
        let error = #expect(throws: PlatformError.self) { _ = try FileLock.acquire("/nowhere/lock") }
        #expect(error?.code == ENOENT)
        #expect(error?.description.contains("/nowhere/lock") == true)
    }

    @Test(
        "a thread has its name, cut to 15 bytes",
        arguments: [("replay", "replay"), ("a-name-that-is-too-long", "a-name-that-is-"), ("កោះកុង", nil)]
            as [(String, String?)])
    func name(_ name: String, _ expected: String?) throws {
        let seen = Mutex("")
        let thread = try NamedThread(name) {
            let bytes = FileManager.default.contents(atPath: "/proc/thread-self/comm") ?? Data()
            seen.withLock { $0 = String(decoding: bytes.dropLast(), as: UTF8.self) }
        }
        thread.join()
        thread.join()
        let found = seen.withLock(\.self)
        #expect(!found.isEmpty && name.hasPrefix(found))
        if let expected { #expect(found == expected) }
    }

    @Test("a thread that nobody joins is a bug of ours, and stops us")
    func unjoined() async {
        await #expect(processExitsWith: .failure) {
            _ = try NamedThread("lost") {}
        }
    }

    @Test("clocks go forward")
    func clocks() {
        let steady = steadyClock()
        #expect(wallClockMilliseconds() > 1_600_000_000_000)
        #expect(steadyClock() >= steady)
    }
}
