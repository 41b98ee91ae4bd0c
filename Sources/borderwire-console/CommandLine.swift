import Settings

/// - user: whose console it is where no option says.
func commandLine(user: String) -> CommandLineProgram {
    let config = CommandOption.text(
        "config", short: "c", "FILE", "the console's settings",
        default: "/etc/borderwire/console-\(user).toml")
    return CommandLineProgram(
        name: "borderwire-console",
        summary: "Serves the page on which officers and analysts look at alerts, to their own browser.",
        version: programVersion,
        commands: [
            Command(
                "run", "serve the page on this machine until SIGTERM or SIGINT", options: [config],
                examples: [.init("borderwire-console run --config console.toml", "as the service does")]),
            Command(
                "open", "open the page in the browser; good once, within a minute",
                options: [.flag("print", "print the address, and open nothing"), config],
                examples: [
                    .init("borderwire-console open", "in the browser of this desktop"),
                    .init("borderwire-console open --print", "for a browser that is started by hand"),
                ]),
        ],
        epilogue: """
            Exit status: 0 done, 64 wrong command line, 69 the console does not run, 71 a system call failed, 75 another one
            runs, 77 another user's, 78 wrong settings.
            """)
}
