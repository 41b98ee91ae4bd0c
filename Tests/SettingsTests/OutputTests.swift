import Foundation
import Platform
import Settings
import Testing

private let program = CommandLineProgram(
    name: "bw", summary: "Sample program", version: "1.2.3",
    commands: [Command("run", "Print", examples: [.init("bw run", "Prints.")])])

/// Puts the writing end of a pipe that nobody reads in the place of a stream.
private func cut(_ stream: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0, dup2(ends[1], stream) == stream else { exit(99) }
    close(ends[0])
}

/// Whether the program said anything. (The test library writes a mark of its own to the same stream.)
private func said(_ bytes: [UInt8]) -> Bool { String(decoding: bytes, as: UTF8.self).contains("bw") }

@Suite("Output")
struct OutputTests {
    @Test("a closed pipe on standard output ends the program quietly with 0")
    func endsQuietly() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(0), observing: [\.standardErrorContent]
        ) {
            cut(STDOUT_FILENO)
            program.run(["run"]) { _ in
                while true { try StandardOutput.write(line: "data") }
            }
        }
        #expect(!said(result.standardErrorContent))
    }

    @Test("help to a closed pipe ends quietly, too")
    func endsHelpQuietly() async {
        await #expect(processExitsWith: .exitCode(0)) {
            cut(STDOUT_FILENO)
            program.run(["--help"]) { _ in .software }
        }
    }

    @Test("a closed standard error changes nothing")
    func survivesLostError() async {
        await #expect(processExitsWith: .exitCode(75)) {
            cut(STDERR_FILENO)
            program.run(["run"]) { _ in
                StandardError.write(line: "nobody listens")
                return .tempFail
            }
        }
    }

    @Test("help goes to standard output with 0, a usage error to standard error with 64")
    func choosesStreams() async throws {
        let help = try await #require(
            processExitsWith: .exitCode(0), observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            program.run(["--help"]) { _ in .software }
        }
        #expect(String(decoding: help.standardOutputContent, as: UTF8.self).contains("Sample program"))
        #expect(!said(help.standardErrorContent))
        let usage = try await #require(
            processExitsWith: .exitCode(64), observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            program.run(["rnu"]) { _ in .software }
        }
        #expect(
            String(decoding: usage.standardErrorContent, as: UTF8.self)
                .hasSuffix("bw: unknown command rnu; did you mean run?\n  Try 'bw --help'.\n"))
        #expect(!String(decoding: usage.standardOutputContent, as: UTF8.self).contains("unknown"))
    }

    @Test("what an error quotes can't steer the terminal, nor begin a line as the program does")
    func quotesSafely() async throws {
        let said = try await #require(
            processExitsWith: .exitCode(70), observing: [\.standardErrorContent]
        ) {
            struct Foreign: Error, CustomStringConvertible {
                let description = "refused \u{1B}[2J\r\nbw: all is well\nbw: so it is"
            }
            program.run(["run"]) { _ in throw Foreign() }
        }
        #expect(
            String(decoding: said.standardErrorContent, as: UTF8.self)
                .hasSuffix("bw: refused \\u{1B}[2J\\u{D}\\u{A}bw: all is well\n  bw: so it is\n"))
    }

    @Test("a full device is an error, not the end of the reader")
    func reportsFullDevice() async {
        await #expect(processExitsWith: .exitCode(74)) {
            let full = open("/dev/full", O_WRONLY)
            guard dup2(full, STDOUT_FILENO) == STDOUT_FILENO else { exit(99) }
            program.run(["run"]) { _ in
                try StandardOutput.write(line: "data")
                return .ok
            }
        }
    }

    @Test("a long text reaches a slow, non-blocking reader whole")
    func writesWhole() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0, dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO else { exit(99) }
            close(ends[1])
            guard fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK) == 0 else { exit(98) }
            let reader = ends[0]
            let thread = Thread {
                var count = 0
                var buffer = [UInt8](repeating: 0, count: 1000)
                while count < 1_000_001 {
                    // What never comes is missed after a minute.
                    var ready = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
                    guard poll(&ready, 1, 60_000) == 1 else { exit(96) }
                    let got = read(reader, &buffer, buffer.count)
                    guard got > 0 else { exit(97) }
                    count += got
                }
                exit(0)
            }
            thread.start()
            try StandardOutput.write(line: String(repeating: "x", count: 1_000_000))
            while true { pause() }
        }
    }

    @Test("no colour when it is not wanted, or where no one sees it")
    func choosesColor() async {
        await #expect(processExitsWith: .exitCode(0)) {
            // A pipe is no terminal.
            cut(STDOUT_FILENO)
            exit(StandardOutput.allowsColor || StandardOutput.isTerminal ? 1 : 0)
        }
        await #expect(processExitsWith: .exitCode(0)) {
            // The controlling side of a pseudo-terminal is a terminal, too.
            let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            guard dup2(terminal, STDOUT_FILENO) == STDOUT_FILENO else { exit(99) }
            unsetenv("NO_COLOR")
            setenv("TERM", "xterm", 1)
            guard StandardOutput.allowsColor else { exit(1) }
            setenv("NO_COLOR", "", 1)
            guard StandardOutput.allowsColor else { exit(2) }
            setenv("NO_COLOR", "1", 1)
            exit(StandardOutput.allowsColor ? 3 : 0)
        }
    }
}
