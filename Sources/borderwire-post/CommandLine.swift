import AlertPost
import Alerts
import Platform
import Settings

private let config = CommandOption.text(
    "config", short: "c", "FILE", "the post's settings", default: "/etc/borderwire/post.toml")
private let format = CommandOption.choice(
    "format", ["text", "json"], "text for people, json for programs (one line per alert)", default: "text")
private let wait = CommandOption.duration("wait", "TIME", "wait this long for the hub's answers, e.g. 10s")

private let until = CommandOption.choice(
    "until", WaitEnd.allCases.map(\.rawValue),
    "what to wait for: the hub has it, or somebody else has seen it or taken it over",
    default: WaitEnd.stored.rawValue)

private func words<Word: CaseIterable & RawRepresentable>(_: Word.Type) -> [String]
where Word.RawValue == String {
    Word.allCases.map(\.rawValue)
}

/// What alerts and sightings have in common.
private let envelope: [CommandOption] = [
    .text(
        "headline", "TEXT",
        "in English, or in Khmer (any Khmer letter in it makes it Khmer); a sighting needs none"),
    .text("headline-km", "TEXT", "in Khmer, beside an English --headline or alone"),
    .text("description", "TEXT", "in English or in Khmer, likewise"),
    .text("description-km", "TEXT", "in Khmer, beside an English --description or alone"),
    .list("province", "PROVINCES", "provinces concerned, the origin first; by default the post's own"),
    .text("crossing", "NAME", "the border crossing"),
    .choice("severity", words(Severity.self), "how grave", default: "Unknown"),
    .choice("urgency", words(Urgency.self), "how soon to act", default: "Unknown"),
    .choice("certainty", words(Certainty.self), "how sure", default: "Unknown"),
    .choice("status", words(Status.self), "Exercise and Test are marked in every output", default: "Actual"),
    .choice("handling", words(Handling.self), "who may see it further on", default: "TLP:AMBER+STRICT"),
    .duration("expires-in", "TIME", "how long it is of use", default: .seconds(86_400)),
    .list("update", "IDS", "it updates these alerts"),
    .list("cancel", "IDS", "it cancels these alerts"),
    .choice(
        "resolution", words(Resolution.self),
        "with --cancel: whoever they sought is safe, and the hub erases at once what they said"),
    .texts(
        "at-risk", "ROLE[:REFERENCE]:AGES:SEX[:COUNT]",
        "persons at risk, never by name, e.g. possible-victim:12-15:female:2; publishing makes the reference"),
    .text("vehicle", "TYPE", "its type, e.g. van"),
    .text("plate", "TEXT", "its plate, or a vessel's registration"),
    .text("colour", "TEXT", "its colour"),
    .text("make", "TEXT", "its make"),
    .flag(
        "ask", "ask for each option that is not given, so that none is seen in the list of processes"),
    wait, until, format, config,
]

let commandLine = CommandLineProgram(
    name: "borderwire-post",
    summary: "A border post of Borderwire: keeps alerts until the hub has them on disk.",
    version: programVersion,
    commands: [
        Command(
            "run", "hold the link to the hub and send the outbox, until SIGTERM", options: [config],
            examples: [
                .init("borderwire-post run --config post.toml", "in the foreground; systemd does the same")
            ]),
        Command(
            "publish",
            "queue alerts: of a file, of standard input, or of options (publish suspect, movement or sighting)",
            options: [
                .text(
                    "file", short: "f", "FILE",
                    "one JSON object a line, - for standard input; a file named .json holds one alert, one named .xml a document of CAP 1.2"
                ),
                wait, until, format, config,
            ],
            commands: [
                Command(
                    "suspect", "queue an alert about a suspect",
                    options: envelope + [
                        .choice("role", words(Suspect.Role.self), "what the suspect does", required: true),
                        .texts("alias", "NAME", "a name that the suspect goes by"),
                        .choice("sex", words(Sex.self), "the suspect's sex"),
                        .text("age", "YEARS", "from and to, e.g. 30-40"),
                        .text("nationality", "CODE", "ISO 3166-1, e.g. KH"),
                        .texts("document", "TYPE:COUNTRY:NUMBER", "e.g. passport:TH:AA0000000"),
                        .text("marks", "TEXT", "scars, tattoos, gait"),
                    ],
                    quotesArguments: false,
                    examples: [
                        .init(
                            "borderwire-post publish suspect --role transporter --headline 'Grey van waits at the pier' --severity Severe --age 30-40 --wait 10s",
                            "queue, and wait for the hub's answer"),
                        .init(
                            "borderwire-post publish suspect --role recruiter --headline 'Meets girls at the bus stop' --wait 15m --until seen",
                            "wait until somebody on the other side has it before their eyes"),
                        .init(
                            "borderwire-post publish suspect --ask --wait 10s",
                            "asks for role, headline and all the rest; an empty line leaves one out"),
                    ]),
                Command(
                    "movement", "queue an alert about people on the move",
                    options: envelope + [
                        .choice("mode", words(Movement.Mode.self), "how they move", required: true),
                        .choice(
                            "direction", words(Movement.Direction.self), "seen from Cambodia",
                            default: "unknown"),
                        .text("from", "PLACE", "where they come from"),
                        .text("towards", "PLACE", "where they are going"),
                        .integer("people", "N", "how many", in: 1...10_000),
                        .integer("minors", "N", "how many of them appear to be minors", in: 0...10_000),
                        .text("seen-at", "TIME", "when they were last seen, e.g. 2026-11-24T06:30:00+07:00"),
                        .text("seen-in", "PLACE", "where they were last seen"),
                    ],
                    quotesArguments: false,
                    examples: [
                        .init(
                            "borderwire-post publish movement --mode road --direction out --headline 'Van with six people' --people 6 --minors 2 --province 'Koh Kong,Pursat'",
                            "a movement that concerns two provinces")
                    ]),
                Command(
                    "sighting", "queue what became of an alert here",
                    options: envelope + [
                        .text("of", "ID", "the alert that it answers", required: true),
                        .choice("outcome", words(Sighting.Outcome.self), "what became of it", required: true),
                        .list(
                            "by", "IDENTIFIERS", "by what it was recognised; a name alone is refused",
                            allowed: words(Sighting.Identifier.self)),
                        .text("seen-at", "TIME", "when, e.g. 2026-11-24T06:30:00+07:00; by default now"),
                        .text("seen-in", "PLACE", "where"),
                        .choice("mode", words(Movement.Mode.self), "how they move"),
                        .choice("direction", words(Movement.Direction.self), "seen from Cambodia"),
                        .text("towards", "PLACE", "where they are going"),
                        .integer("people", "N", "how many people were with it", in: 1...10_000),
                        .integer("minors", "N", "how many of them appear to be minors", in: 0...10_000),
                        .choice(
                            "action", words(Sighting.Action.self), "what whoever meets it next is asked to do"
                        ),
                        .flag(
                            "share",
                            "also for who reads sightings of this post's provinces, not of the alert's alone"),
                    ],
                    quotesArguments: false,
                    examples: [
                        .init(
                            "borderwire-post publish sighting --of 01a20abe-b4c0-7abc-8def-0123456789ab --outcome stopped --by plate,appearance --seen-in 'the bridge' --people 9 --minors 2",
                            "the van of an alert was stopped here")
                    ]),
            ],
            quotesArguments: false,
            examples: [
                .init("borderwire-post publish --file day.jsonl --wait 30s", "a file of drafts"),
                .init("borderwire-post publish --file alert.xml", "another system's alert, as CAP 1.2"),
                .init(
                    "tail -f drafts | borderwire-post publish --file - --format json",
                    "as a program writes them"),
            ]),
        Command(
            "ack", "say that a person on duty here has taken an alert over",
            options: [
                .choice("kind", words(Kind.self), "the alert's kind; without it the hub is asked"),
                .choice(
                    "status", words(Status.self),
                    "the alert's status; without it the hub is asked, and with --kind Actual is meant"),
                .text("note", "TEXT", "what else there is to say, in English or in Khmer"),
                .text("note-km", "TEXT", "in Khmer, beside an English --note or alone"),
                .list("province", "PROVINCES", "whose answer it is; by default the post's own"), wait, format,
                config,
            ], positionals: [Positional("ID", "the alert's id, as borderwire tail prints it")],
            quotesArguments: false,
            examples: [
                .init(
                    "borderwire-post ack 01a20abe-b4c0-7abc-8def-0123456789ab --note 'Patrol is on its way' --wait 10s",
                    "whoever reads the alert sees who has it"),
                .init(
                    "borderwire-post ack 01a20abe-b4c0-7abc-8def-0123456789ab --kind movement",
                    "while the hub can't be asked: queued, and sent once it can"),
            ]),
        Command(
            "show", "what came of an alert: who on duty has seen it, who has acknowledged it",
            options: [format, config], positionals: [Positional("ID", "the alert's id")],
            quotesArguments: false,
            examples: [
                .init(
                    "borderwire-post show 01a20abe-b4c0-7abc-8def-0123456789ab",
                    "asks the hub, over a connection of its own")
            ]),
        Command(
            "new-epoch",
            "give up this epoch's numbers, after a hub or an outbox was restored from an older copy",
            options: [
                .flag("yes", "do it: what the hub has of the waiting alerts is then stored twice"), config,
            ],
            examples: [
                .init("borderwire-post new-epoch", "says what would be done"),
                .init("borderwire-post new-epoch --yes", "as the status asked for it"),
            ]),
        Command(
            "status", "the link, the outbox, the oldest alert that waits", options: [config, format],
            examples: [.init("borderwire-post status", "also tells when the daemon is not running")]),
    ],
    epilogue: """
        Exit status: 0 all as asked, 64 wrong command line, 65 an alert was invalid or rejected, 74 the output can't be
        written (alerts are queued all the same), 75 the wait ran out, 77 not allowed (key file modes), 78 wrong settings.
        """)
