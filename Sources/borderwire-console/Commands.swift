import Console
import FoundationEssentials
import Glibc
import Platform
import Settings

enum Commands {
    /// How long the desktop's opener is watched: it may go on for as long as the browser does.
    static let watching = Duration.seconds(3)
    static let opener = "/usr/bin/xdg-open"

    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        try Console(try values.settings(ConsoleSettings.self)).runUntilSignalled()
        return .ok
    }

    /// The address is printed in any case but one: it was opened in a browser. It opens the page once, for whoever comes first.
    static func open(_ values: CommandLineValues) throws -> ExitStatus {
        let address = try PageAddress.ask(try values.settings(ConsoleSettings.self))
        let environment = ProcessInfo.processInfo.environment
        let hasDisplay = environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil
        if !values.flag("print"), hasDisplay, access(opener, X_OK) == 0,
            try Command.leave(opener, [address], watched: watching)
        {
            StandardError.write(line: "borderwire-console: opened in the browser")
            return .ok
        }
        try StandardOutput.write(line: address)
        return .ok
    }
}

/// The name of the user who runs this; nil where the machine has none.
func currentUser() -> String? {
    getpwuid(geteuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
}
