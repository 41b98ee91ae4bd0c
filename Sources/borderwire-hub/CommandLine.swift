import Platform
import Settings

private let config = CommandOption.text(
    "config", short: "c", "FILE", "the hub's settings", default: "/etc/borderwire/hub.toml")
private let format = CommandOption.choice(
    "format", ["text", "json"], "text for people, json for programs", default: "text")

let commandLine = CommandLineProgram(
    name: "borderwire-hub",
    summary: "The national hub of Borderwire: checks, stores and routes the alerts of border posts.",
    version: programVersion,
    commands: [
        Command(
            "run", "run the hub until SIGTERM", options: [config],
            examples: [
                .init("borderwire-hub run --config hub.toml", "in the foreground; systemd does the same")
            ]),
        Command(
            "check", "check settings, key, registry and database without starting", options: [config],
            examples: [.init("borderwire-hub check --config hub.toml", "before a restart")]),
        Command(
            "migrate", "make the tables and users of a log in PostgreSQL, or bring them to this version",
            options: [
                .text(
                    "user", "NAME",
                    "who may make them there; libpq finds the password (PGPASSWORD, ~/.pgpass)",
                    default: "postgres"), config,
            ],
            examples: [
                .init("borderwire-hub migrate --user postgres", "once, and after an upgrade that says so")
            ]),
        Command(
            "enroll", "add an identity to the registry, or change its grants",
            options: [
                config,
                .list(
                    "publish", "PROVINCES",
                    "provinces whose alerts it may publish (PROVINCE, PROVINCE/suspect, all)"),
                .list(
                    "read", "PROVINCES",
                    "provinces whose alerts it may read (PROVINCE, PROVINCE/movement, all)"),
                .list(
                    "address", "PROVINCES",
                    "provinces that its alerts may concern beside those it may publish for; by default all"),
                .list(
                    "duty", "PROVINCES",
                    "provinces whose alerts it keeps watch over; it must be able to read them"),
                .list(
                    "may", "WORDS",
                    "ack: acknowledge alerts; receipts: learn who has seen an alert and who has not"),
                .flag("rotate", "give an enrolled identity new keys; its grants stay"),
                .duration(
                    "overlap", "TIME", "for so long the keys it had before are as good as the new ones",
                    default: .seconds(7 * 86_400)),
            ],
            positionals: [Positional("FILE", "the identity's public key file, NAME.pub")],
            examples: [
                .init(
                    "borderwire-hub enroll koh-kong.pub --publish koh-kong --read koh-kong,prey-veng",
                    "a post that also reads two provinces"),
                .init("borderwire-hub enroll analyst.pub --read all", "a national analyst"),
                .init(
                    "borderwire-hub enroll officer.pub --read all --duty koh-kong --may ack,receipts",
                    "an officer on duty for a province, who may acknowledge"),
                .init(
                    "borderwire-hub enroll new/koh-kong.pub --rotate --overlap 14d",
                    "new keys, before the post begins to use them"),
            ]),
        Command(
            "revoke", "remove an identity; a running hub cuts it off within a second",
            options: [
                .text(
                    "compromised-since", "TIME",
                    "then withdraw all that it sent since then: 2026-11-24T06:30:00+07:00, or 24h for the last day"
                ),
                .text(
                    "reason", "TEXT", "why it is withdrawn, for who reads it",
                    default: "The key of this post was compromised"), config,
            ],
            positionals: [Positional("NAME", "the identity's name")],
            examples: [
                .init("borderwire-hub revoke koh-kong", "after a key was lost"),
                .init(
                    "borderwire-hub revoke koh-kong --compromised-since 24h",
                    "after it was stolen; can be given again"),
            ]),
        Command(
            "withdraw", "say in the stream, signed by the hub, that an alert no longer stands",
            options: [.text("reason", "TEXT", "why, for who reads it", required: true), config],
            positionals: [Positional("ID", "the alert's id")],
            examples: [
                .init(
                    "borderwire-hub withdraw 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d --reason 'Sent by mistake'",
                    "where its author can't cancel it")
            ]),
        Command(
            "erase", "erase an alert's content before its time, and say so in the stream",
            options: [.text("reason", "TEXT", "why, for who reads it", required: true), config],
            positionals: [Positional("ID", "the alert's id")],
            examples: [
                .init(
                    "borderwire-hub erase 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d --reason 'Order of the court'",
                    "can't be undone; backups still have it")
            ]),
        Command(
            "seen", "who on duty has seen an alert and who has not, and who lacks its correction",
            options: [config, format], positionals: [Positional("ID", "the alert's id")],
            examples: [
                .init(
                    "borderwire-hub seen 01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d",
                    "seen by 2 of 3 on duty, and their names")
            ]),
        Command(
            "statistics",
            "how many real alerts there were, and what came of them; nobody can be told from it",
            options: [
                .duration("since", "TIME", "of the last such time", default: .seconds(30 * 86_400)), config,
                .choice(
                    "format", ["text", "json", "csv"], "text for people, the others for programs",
                    default: "text"),
            ],
            examples: [
                .init("borderwire-hub statistics --since 90d --format csv", "counts below 11 are not told")
            ]),
        Command(
            "page", "run escalation.run once for each alert that was escalated; a timer runs this",
            options: [config],
            examples: [
                .init("borderwire-hub page", "with its number, its reason and the alert's id as arguments")
            ]),
        Command(
            "registry", "print the registry's text, as it is in its file or in PostgreSQL",
            options: [config],
            commands: [
                Command(
                    "history", "who made which version when, where hubs share a log; the newest first",
                    options: [config],
                    examples: [
                        .init("borderwire-hub registry history", "after a change that nobody expected")
                    ]),
                Command(
                    "replace", "put a text in the place of the registry: a kept one, or that of a file",
                    options: [config], positionals: [Positional("FILE", "the text")],
                    examples: [
                        .init(
                            "borderwire-hub registry replace registry.toml",
                            "all hubs that share the log follow within a second")
                    ]),
            ],
            examples: [
                .init("borderwire-hub registry > registry.toml", "to keep it, or to go back to a file")
            ]),
        Command(
            "identities", "list the registry", options: [config, format],
            examples: [.init("borderwire-hub identities", "names, grants and key fingerprints")]),
        Command(
            "status", "what the running hub has and hears: counts, heads, links, refusals",
            options: [config, format],
            examples: [.init("borderwire-hub status --format json", "for a program")]),
        Command(
            "audit", "who read what: replays, finds, locates, who has seen, and connections to feeds",
            options: [
                .text("identity", "NAME", "only of this identity"),
                .duration("since", "TIME", "only of the last such time, e.g. 24h"), config, format,
            ],
            examples: [.init("borderwire-hub audit --identity analyst --since 24h", "one analyst's last day")]
        ),
        Command(
            "backup", "copy the log of a running or a stopped hub into a new file, and verify the copy",
            options: [config, format], positionals: [Positional("FILE", "where to; nothing may be there")],
            examples: [.init("borderwire-hub backup /backup/alerts-2026-11-24.db", "never replaces a file")]),
        Command(
            "restore", "put a backup in the place of a log that is gone; the hub must not run",
            options: [
                .flag(
                    "complete",
                    "the backup was made after the hub had stopped: keep the log's name, so that cursors go on"
                ),
                config, format,
            ],
            positionals: [Positional("FILE", "the backup")],
            examples: [
                .init(
                    "borderwire-hub restore /backup/alerts-2026-11-24.db",
                    "posts then send again what the backup lacks; analysts begin new cursors")
            ]),
        Command(
            "rotate-key", "give the hub new keys: announce them to all peers first, then use them",
            options: [
                .duration(
                    "overlap", "TIME", "for so long the new keys are only announced, for peers to keep",
                    default: .seconds(7 * 86_400)),
                .flag("finish", "the time is over: put the new keys into the place of the old ones"),
                .flag("now", "with --finish: before the time is over"), config,
            ],
            examples: [
                .init("borderwire-hub rotate-key --overlap 14d", "longer than any post is ever cut off"),
                .init(
                    "borderwire-hub rotate-key --finish && systemctl restart borderwire-hub",
                    "when the time is over"),
            ]),
        Command(
            "purge", "erase the content of alerts whose time is over now; a running hub does so by itself",
            options: [.flag("dry-run", "only say what would be erased"), config, format],
            examples: [.init("borderwire-hub purge --dry-run", "by kind, with the periods of the settings")]),
        Command(
            "clock", "what the hub knows of time, and whether it believes its clock",
            options: [config, format],
            commands: [
                Command(
                    "accept",
                    "say that the clock is right now, where the hub can't know: it erases again, and stamps alerts by it",
                    options: [config],
                    examples: [.init("borderwire-hub clock accept", "after a look at another clock")])
            ],
            examples: [.init("borderwire-hub clock", "after the hub was off for long")]),
        Command(
            "verify",
            "check the log of a running or a stopped hub: hash chain, numbers, seals, indexes, file",
            options: [
                .integer("from", "N", "the first offset to check", in: 1...Int.max),
                .integer("through", "N", "the last offset to check", in: 1...Int.max),
                .text("posts", "DIR", "further public keys, for alerts sealed with a key no longer enrolled"),
                config, format,
            ],
            examples: [
                .init("borderwire-hub verify", "names the first bad offset and what is wrong there"),
                .init("borderwire-hub verify --from 100000", "only what came later"),
            ]),
    ],
    epilogue: """
        Exit status: 0 done, 64 wrong command line, 65 bad data, 69 no hub answers, 71 the system refused (a port in use),
        75 not yet in force at a running hub, or none runs that is needed, 77 not allowed (key file modes), 78 wrong settings.
        """)
