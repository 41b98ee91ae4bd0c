import Alerts
import Platform
import Settings

private let config = CommandOption.text(
    "config", short: "c", "FILE", "the analyst's settings", default: "/etc/borderwire/analyst.toml")

private func format(_ allowed: [String]) -> CommandOption {
    .choice("format", allowed, "text for people, the others for programs", default: "text")
}

private let whenText = """
    WHEN is a time span before now by the hub's clock (24h); a date or a time, Cambodia's (+07:00) where it names no offset
    (2026-11-24, '2026-11-24 06:30', 2026-11-24T06:30:00+07:00); or an offset: after it, and up to it.
    """

private let selecting: [CommandOption] = [
    .list(
        "province", short: "p", "PROVINCES", "only alerts that concern one of these, by any of their names"),
    .list("kind", short: "k", "KINDS", "only these kinds", allowed: Kind.allCases.map(\.rawValue)),
    .choice("min-severity", Severity.allCases.map(\.rawValue), "only alerts at least as grave"),
    .list("status", "WORDS", "only alerts of this status", allowed: Status.allCases.map(\.rawValue)),
    .flag(
        "active",
        "of what is there already, leave out what is over: cancelled, updated, withdrawn or expired"),
]

private let out = CommandOption.text(
    "out", "DIR", "the directory that documents come into, made if it is not there")
private let to = CommandOption.text(
    "to", "NAME", "for whom documents are, of those in the settings; by default export.destination")

let commandLine = CommandLineProgram(
    name: "borderwire",
    summary: "Reads the stream of alerts of Cambodia's border posts.",
    version: programVersion,
    commands: [
        Command(
            "tail", "print alerts as they come, each once, in the order of the national log",
            options: selecting + [
                .text("since", "WHEN", "begin with older alerts: received since then"),
                .text("until", "WHEN", "end before what was received then or later; does not wait for more"),
                .flag(
                    "no-follow",
                    "end with the last alert that there is (without --since: begin with the first)"),
                .integer("count", short: "n", "N", "end after N alerts", in: 1...Int.max),
                .text("cursor", "NAME", "go on exactly after what this cursor printed last"),
                format(["text", "json", "csv", "csv-excel"]), config,
            ],
            examples: [
                .init("borderwire tail --province koh-kong", "live, one province"),
                .init(
                    "borderwire tail -p 'Prey Veng' -k suspect --since 24h",
                    "the last day's suspects, then live"),
                .init(
                    "borderwire tail --cursor night-desk --format json >> alerts.jsonl",
                    "goes on where it stopped"),
                .init(
                    "borderwire tail --since 2026-11-24 --until 2026-11-25 --format csv", "one day, and end"),
            ],
            epilogue: whenText),
        Command(
            "search", "print the alerts in which every word occurs, and end",
            options: selecting + [
                .text("since", "WHEN", "only alerts received since then"),
                .text("until", "WHEN", "only alerts received before then"),
                .integer("count", short: "n", "N", "end after N alerts", in: 1...Int.max), out, to,
                format(["text", "json", "csv", "csv-excel", "cap"]), config,
            ],
            positionals: [
                Positional(
                    "WORD", "in Khmer or Latin letters; several in quotes follow each other", repeats: true)
            ],
            examples: [
                .init("borderwire search van 2A-1234", "also where 2A1234 or \u{17E2}A ១២៣៤ was written"),
                .init("borderwire search កំពង់ផែ --since 7d", "in whatever order its marks were typed"),
                .init(
                    "borderwire search -p 'Koh Kong' -k suspect 'grey van' -n 10",
                    "the first ten, in the log's order"),
                .init("borderwire search --active 'grey van'", "only what still stands"),
                .init(
                    "borderwire search 'grey van' --format cap --out vans --to ministry",
                    "documents of CAP 1.2 for another system"),
            ],
            epilogue: """
                Looks in headlines, descriptions, places, names of provinces and posts, aliases, documents, marks, vehicles
                and plates. Case, accents, spaces in Khmer, and hyphens don't count. Ends with 66 where nothing is found.

                """ + whenText),
        Command(
            "show", "print one alert with its updates and cancellations",
            options: [
                .flag("active", "leave out what is over: cancelled, updated, withdrawn or expired"), to,
                format(["text", "json", "csv", "csv-excel", "cap"]), config,
            ],
            positionals: [Positional("ID", "the alert's id")],
            examples: [
                .init(
                    "borderwire show 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d", "an alert and what became of it"),
                .init(
                    "borderwire show 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d --format cap --to ministry",
                    "the alert alone as a document of CAP 1.2"),
            ]),
        Command(
            "export", "follow the stream into documents for another system, one for each alert",
            options: selecting + [
                .text("since", "WHEN", "begin with older alerts: received since then"),
                .text("until", "WHEN", "end before what was received then or later; does not wait for more"),
                .flag(
                    "no-follow",
                    "end with the last alert that there is (without --since: begin with the first)"),
                .integer("count", short: "n", "N", "end after N alerts", in: 1...Int.max),
                .text(
                    "cursor", "NAME", "go on exactly after what this cursor exported last", required: true),
                .text(
                    "out", "DIR", "the directory that documents come into, made if it is not there",
                    required: true),
                to,
                .choice("format", ["cap"], "CAP 1.2 of OASIS", default: "cap"), config,
            ],
            examples: [
                .init(
                    "borderwire export --cursor ministry --format cap --out /var/spool/ministry --to ministry",
                    "each alert once, across restarts")
            ],
            epilogue: """
                What may not leave for whom it is, or is left out, is named on standard error with the reason. The hub records each
                document with whom it is for.

                """ + whenText),
        Command(
            "ack", "say that you have taken an alert over; needs the grant ack",
            options: [
                .text("note", "TEXT", "what else there is to say, in English or in Khmer"),
                .text("note-km", "TEXT", "in Khmer, beside an English --note or alone"),
                .choice(
                    "kind", Kind.allCases.map(\.rawValue), "the alert's kind; without it the hub is asked"),
                .choice(
                    "status", Status.allCases.map(\.rawValue),
                    "the alert's status; without it the hub is asked, and with --kind Actual is meant"),
                .list("province", "PROVINCES", "whose answer it is; by default a province of the alert"),
                .duration(
                    "wait", "TIME", "wait this long until the hub has stored it", default: .seconds(10)),
                format(["text", "json"]), config,
            ],
            positionals: [Positional("ID", "the alert's id")],
            quotesArguments: false,
            examples: [
                .init(
                    "borderwire ack 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d --note 'Patrol is on its way'",
                    "whoever reads the alert sees who has it")
            ]),
        Command(
            "related",
            "list what may be about the same: alerts that still stand, by plate, vessel and document",
            options: [format(["text", "json"]), config],
            positionals: [Positional("ID", "the alert's id")],
            examples: [
                .init(
                    "borderwire related 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d",
                    "possible matches: a person has to look at each")
            ],
            epilogue: """
                Case, spaces, hyphens and the script of digits don't count. What this identity may not read is not named; it is
                only said that there is something. Ends with 66 where nothing is found.
                """),
        Command(
            "verify", "check the hub's log against kept checkpoints, and the seals of what may be read",
            options: [
                .integer("from", "N", "the first offset to check", in: 1...Int.max, default: 1),
                .integer("through", "N", "the last offset to check", in: 1...Int.max),
                .text("cursor", "NAME", "only the checkpoint kept beside this cursor"),
                format(["text", "json"]), config,
            ],
            examples: [.init("borderwire verify", "all that this identity may read, from the beginning")]),
        Command(
            "provinces", "list provinces, or those that names mean",
            options: [
                format(["text", "json"]),
                .text("provinces-file", "FILE", "the overlay with Khmer and usual names"),
            ],
            positionals: [Positional("NAME", "any name of a province", required: false, repeats: true)],
            examples: [.init("borderwire provinces កោះកុង KH-14", "their codes and names")]),
        Command(
            "keygen", "make the keys of a post, an analyst or a hub",
            options: [
                .text("out", short: "o", "DIR", "the directory for NAME.key and NAME.pub", default: ".")
            ],
            positionals: [Positional("NAME", "1 to 40 of a-z, 0-9 and -")],
            examples: [.init("borderwire keygen koh-kong --out keys", "never overwrites a key")]),
    ],
    epilogue: """
        Exit status: 0 done, 64 wrong command line, 65 bad data, 66 nothing found, 69 the hub can't be reached,
        75 queued and not yet stored, 77 not granted, 78 wrong settings. NO_COLOR is honoured.
        """)
