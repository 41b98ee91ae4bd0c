import CAP
import Foundation
import ProcessHarness
import Testing

/// Documents for other systems, from real programs.
@Suite("Export")
struct ExportTests {
    static let settings = """
        [export]
        domain = "xb.example.kh"
        organisation = "nctp"
        partners = ["ministry"]
        community = ["network"]
        """

    /// An analyst who may take alerts out.
    private func exporter(
        _ deployment: Deployment, _ name: String = "exporter", extra: String = ExportTests.settings
    ) async throws -> TestAnalyst {
        try await deployment.testbed.analyst(name, deployment.hub, read: ["all"], extra: extra)
    }

    private func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    /// - areNamed: as the exporter names them.
    private func documents(_ directory: String, areNamed: Bool = true) throws -> [CAPDocument] {
        try names(directory).filter { $0.hasSuffix(".xml") }.map { name in
            let document = try CAPDocument.read(
                Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
            ).document
            #expect(!areNamed || name == document.identifier + ".xml")
            return document
        }
    }

    private func suspect(_ headline: String, handling: String = "TLP:AMBER", more: String = "") -> String {
        Draft.suspect(headline, more: ", \"handling\": \"\(handling)\"" + more)
    }

    @Test(
        "what may leave is a valid document each, with what it refers to; what may not is named with its reason"
    )
    func stream() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let analyst = try await exporter(deployment)
            let drafts = [
                suspect("A van"), suspect("Red", handling: "TLP:RED"),
                suspect("Strict", handling: "TLP:AMBER+STRICT"),
                #"{"kind": "suspect", "provinces": ["koh-kong"], "headline": "Nobody knows the age", "suspect": {"role": "broker"}}"#,
                suspect("An exercise", more: ", \"status\": \"Exercise\"")
                    .replacingOccurrences(of: "\"status\": \"Actual\", ", with: ""),
            ]
            let published = try await deployment.post.publish(drafts, ["--wait", "100s", "--format", "json"])
                .published()
            let ids = published.compactMap(\.id)
            try #require(ids.count == 5, "\(published)")
            let later = [
                suspect("The van moved", more: ", \"msgType\": \"Update\", \"references\": [\"\(ids[0])\"]"),
                suspect("Of the red one", more: ", \"msgType\": \"Update\", \"references\": [\"\(ids[1])\"]"),
                """
                {"kind": "sighting", "provinces": ["koh-kong"], "handling": "TLP:AMBER", "sighting": {"of": "\(ids[0])", \
                "outcome": "not-seen", "time": "2026-11-24T06:30:00+07:00"}}
                """,
            ]
            let more = try await deployment.post.publish(later, ["--wait", "100s", "--format", "json"])
                .published()
            try #require(more.allSatisfy { $0.state == "stored" }, "\(more)")
            let out = deployment.testbed.directory + "/out"
            let account = try await analyst.run(
                "export",
                ["--cursor", "ministry", "--out", out, "--to", "ministry", "--since", "0", "--no-follow"])
            #expect(account.status == 0, "\(account.words)")
            let documents = try documents(out)
            #expect(documents.count == 4, "\(account.words)")
            #expect(Set(documents.map(\.status)) == ["Actual", "Exercise"])
            for words in [
                "\(ids[1]): TLP:RED never leaves", "\(ids[2]): TLP:AMBER+STRICT leaves for",
                "\(ids[3]): somebody in it may be a minor", "what it refers to stays: TLP:RED never leaves",
                "4 documents for ministry in \(out), 4 alerts kept back",
            ] { #expect(account.words.contains(words), "\(words): \(account.words)") }
            let first = try #require(documents.first { $0.identifier == "kh-xb-" + ids[0] })
            let update = try #require(documents.first { $0.messageType == "Update" })
            #expect(update.references == [first.reference])
            let sighting = try #require(
                documents.first {
                    $0.incidents == first.identifier && $0.references == [first.reference]
                        && $0.messageType == "Alert"
                })
            #expect(sighting.sender == "koh-kong@xb.example.kh")
            // Every one of them under the schema itself.
            let check = try await deployment.testbed.shell(
                "xmllint --noout --nonet --schema \(try BuiltTree.config)/../Tests/CAPTests/cap12.xsd \(out)/*.xml"
            )
            #expect(check.status == 0, "\(check.words)")
            // The hub has recorded each of them, and for whom, and nothing else.
            let audit = try await deployment.hub.run("audit", ["--identity", "exporter"])
            #expect(audit.output.filter { $0.contains(" for ministry") }.count == 4, "\(audit.words)")
            #expect(audit.words.contains("\(ids[0]) for ministry"))
            #expect(!audit.words.contains("\(ids[1]) for ministry"))
            // Nothing comes again.
            let again = try await analyst.run(
                "export", ["--cursor", "ministry", "--out", out, "--to", "ministry", "--no-follow"])
            #expect(again.words.contains("0 documents"), "\(again.words)")
        }
    }

    @Test(
        "an exporter that is killed again and again brings each document once, also to who takes them away at once"
    )
    func killed() async throws {
        let count = 60
        try await withDeployment { deployment in
            try await deployment.start()
            let analyst = try await exporter(deployment)
            let out = deployment.testbed.directory + "/out"
            let taken = deployment.testbed.directory + "/taken"
            try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: true)
            let publishing = try await deployment.post.publishing(["--format", "json"])
            var had: [String] = []
            func take() throws {
                for name in (try? names(out)) ?? [] where name.hasSuffix(".xml") {
                    had.append(name)
                    try FileManager.default.moveItem(
                        atPath: out + "/" + name, toPath: taken + "/\(had.count).xml")
                }
            }
            let arguments = [
                "export", "--config", analyst.settings, "--cursor", "desk", "--out", out, "--to", "nctp",
                "--since",
                "0",
            ]
            var written = 0
            for round in 0..<12 {
                for _ in 0..<(count / 12) {
                    written += 1
                    publishing.write(line: suspect("Van number \(written)"))
                }
                let running = try await deployment.testbed.start(.analyst, arguments)
                // Somewhere between its start and its last document.
                try await Task.sleep(for: .milliseconds(60 * round))
                try take()
                try await running.kill()
                try take()
            }
            publishing.closeInput()
            _ = try await publishing.ended()
            let end = ContinuousClock.now + Testbed.patience
            let last = try await deployment.testbed.start(.analyst, arguments)
            while had.count < count, ContinuousClock.now < end {
                try take()
                try await Task.sleep(for: .milliseconds(20))
            }
            try await last.stop()
            try take()
            #expect(had.count == count && Set(had).count == count)
            #expect(try names(out) == [])
            #expect(try documents(taken, areNamed: false).count == count)
        }
    }

    @Test("a safe Cancel leaves after what it cancels is erased, in a later run, with its references whole")
    func safe() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let analyst = try await exporter(deployment)
            let out = deployment.testbed.directory + "/out"
            let arguments = [
                "--cursor", "desk", "--out", out, "--to", "ministry", "--since", "0", "--no-follow",
            ]
            let id = try #require(
                try await deployment.post.publish([suspect("A van")], ["--wait", "100s", "--format", "json"])
                    .published().first?.id)
            let cancel = """
                {"kind": "suspect", "provinces": ["koh-kong"], "handling": "TLP:AMBER", "msgType": "Cancel", \
                "resolution": "safe", "references": ["\(id)"], "headline": "Safe"}
                """
            _ = try await analyst.run("export", arguments)
            let alert = try #require(try documents(out).first)
            try FileManager.default.removeItem(atPath: out + "/" + alert.identifier + ".xml")
            _ = try await deployment.post.publish([cancel], ["--wait", "100s"])
            let account = try await analyst.run("export", arguments)
            let document = try #require(try documents(out).first, "\(account.words)")
            #expect(document.messageType == "Cancel" && document.references == [alert.reference])
            #expect(document.infos.allSatisfy { $0.responseTypes == ["AllClear"] })
        }
    }

    @Test("a withdrawal by the hub's operator is a Cancel of what left, and says nothing of what stayed")
    func withdrawn() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let analyst = try await exporter(deployment)
            let out = deployment.testbed.directory + "/out"
            let ids = try await deployment.post.publish(
                [suspect("A van"), suspect("Red", handling: "TLP:RED")],
                ["--wait", "100s", "--format", "json"]
            ).published().compactMap(\.id)
            for id in ids {
                let withdrawal = try await deployment.hub.run(
                    "withdraw", [id, "--reason", "Sent by mistake"])
                try withdrawal.expect(0, "withdraw")
            }
            let account = try await analyst.run(
                "export",
                ["--cursor", "desk", "--out", out, "--to", "ministry", "--since", "0", "--no-follow"])
            let documents = try documents(out)
            let cancel = try #require(documents.first { $0.messageType == "Cancel" }, "\(account.words)")
            #expect(cancel.references.map(\.identifier) == ["kh-xb-" + ids[0]])
            #expect(cancel.note == "Sent by mistake" && cancel.problems.isEmpty && documents.count == 2)
            #expect(account.words.contains("nothing that it is about leaves"), "\(account.words)")
        }
    }

    @Test("show prints one document, search writes them; whom the settings don't name gets none")
    func one() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let analyst = try await exporter(deployment)
            let ids = try await deployment.post.publish(
                [suspect("Grey van"), suspect("Grey boat", handling: "TLP:RED")],
                ["--wait", "100s", "--format", "json"]
            ).published().compactMap(\.id)
            let shown = try await analyst.run("show", [ids[0], "--format", "cap", "--to", "nctp"])
            #expect(shown.status == 0)
            let document = try CAPDocument.read(Array(shown.output.joined(separator: "\n").utf8)).document
            #expect(document.identifier == "kh-xb-" + ids[0] && document.infos.count == 2)
            let red = try await analyst.run("show", [ids[1], "--format", "cap", "--to", "nctp"])
            #expect(red.status == 77 && red.output.isEmpty && red.words.contains("TLP:RED never leaves"))
            let out = deployment.testbed.directory + "/found"
            let search = try await analyst.run(
                "search", ["grey", "--format", "cap", "--out", out, "--to", "ministry"])
            #expect(search.status == 0 && search.output.isEmpty, "\(search.words)")
            #expect(try documents(out).map(\.identifier) == ["kh-xb-" + ids[0]])
            let nothing = try await analyst.run(
                "search", ["yellow", "--format", "cap", "--out", out, "--to", "ministry"])
            #expect(nothing.status == 66)
            let stranger = try await analyst.run("show", [ids[0], "--format", "cap", "--to", "press"])
            #expect(
                stranger.status == 64 && stranger.words.contains("[export] names nctp, ministry, network"))
            let unsaid = try await analyst.run("show", [ids[0], "--format", "cap"])
            #expect(unsaid.status == 64 && unsaid.words.contains("--to is missing"))
            let withoutTable = try await deployment.national.run("show", [ids[0], "--format", "cap"])
            #expect(withoutTable.status == 78 && withoutTable.words.contains("nothing may leave"))
            let elsewhere = try await analyst.run("search", ["grey", "--to", "nctp"])
            #expect(elsewhere.status == 64 && elsewhere.words.contains("without --format cap"))
        }
    }

    @Test(
        "a document of the full profile is published as the same alert again, once, and a stranger's with its source"
    )
    func back() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let analyst = try await exporter(
                deployment, extra: ExportTests.settings + "\ndetail = \"full\"\n")
            let draft = """
                {"kind": "movement", "provinces": ["koh-kong", "Trat"], "crossing": "Cham Yeam", "handling": "TLP:AMBER", \
                "headline": {"en": "A van & a boat", "km": "ឡានមួយ"}, "description": "two\\nlines", "severity": "Severe", \
                "movement": {"mode": "road", "direction": "out", "from": "Sre Ambel", "people": 6, "minors": 0, \
                "vehicle": {"type": "van", "plate": "2AB-1234"}}}
                """
            let id = try #require(
                try await deployment.post.publish([draft], ["--wait", "100s", "--format", "json"]).published()
                    .first?.id)
            let shown = try await analyst.run("show", [id, "--format", "cap", "--to", "ministry"])
            let file = deployment.testbed.directory + "/back.xml"
            try deployment.testbed.write(shown.output.joined(separator: "\n"), to: "back.xml")
            func publish(_ file: String) async throws -> Account {
                try await deployment.testbed.run(
                    .post,
                    [
                        "publish", "--config", deployment.post.settings, "--file", file, "--wait", "100s",
                        "--format", "json",
                    ])
            }
            let first = try await publish(file)
            #expect(first.status == 0, "\(first.words)")
            #expect(!first.words.contains("left out"))
            let made = try #require(try first.published().first)
            let second = try #require(try await publish(file).published().first)
            #expect(made.id == second.id && made.offset == second.offset && made.id != id)
            let log = try await deployment.national.run("tail", ["--no-follow", "--format", "json"]).output
            #expect(log.count == 2)
            let alerts = try log.map { line -> [String: Any] in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                var alert = try #require(object?["alert"] as? [String: Any])
                alert["id"] = nil
                return alert
            }
            #expect(NSDictionary(dictionary: alerts[0]) == NSDictionary(dictionary: alerts[1]))
            // The same of another system.
            let strange = shown.output.joined(separator: "\n")
                .replacingOccurrences(of: "kh-xb-\(id)", with: "th-77")
                .replacingOccurrences(of: "koh-kong@xb.example.kh", with: "desk@police.example.th")
            let strangers = deployment.testbed.directory + "/stranger.xml"
            try deployment.testbed.write(strange, to: "stranger.xml")
            let taken = try await publish(strangers)
            #expect(
                taken.status == 0 && taken.words.contains("left out: alert.restriction"), "\(taken.words)")
            #expect(try await publish(strangers).published().first?.offset == taken.published().first?.offset)
            let text = try await deployment.national.run("tail", ["--no-follow"])
            #expect(text.words.contains("made of a document of police.example.th"))
            // And one that says too little.
            let little = strange.replacingOccurrences(of: "xb:kind", with: "kind")
                .replacingOccurrences(of: "<urgency>Unknown", with: "<urgency>soon")
            try deployment.testbed.write(little, to: "little.xml")
            let refused = try await deployment.testbed.run(
                .post,
                [
                    "publish", "--config", deployment.post.settings, "--file",
                    deployment.testbed.directory + "/little.xml",
                ])
            #expect(refused.status == 65)
            #expect(refused.words.contains("alert.info[0].urgency: not one of Immediate"), "\(refused.words)")
        }
    }
}
