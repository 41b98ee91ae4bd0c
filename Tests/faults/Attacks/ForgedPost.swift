import Alerts
import Identity
import Platform
import ProcessHarness
import Wire
import ZeroMQ

/// A post without an outbox, whose alerts are whatever it likes. Its calls wait only at the start.
final class ForgedPost {
    let epoch: UInt64
    private let client: Hostile
    private let keys: IdentityKeys
    private let province: String
    private let control: MonitoredSocket
    private let ingest: MonitoredSocket
    private let receiver = Receiver(mostFrames: 8)
    private var sequence: UInt64 = 0
    /// What the hub has said of them.
    private var through: UInt64 = 0
    private var resumesAt = Duration.zero

    /// - epoch: nil: a new one.
    init(_ hub: TestHub, _ name: String, in directory: String, province: String, epoch: UInt64? = nil) throws
    {
        client = try Hostile(hub)
        keys = try KeyFiles.readSecret("\(directory)/\(name).key")
        self.province = province
        self.epoch = epoch ?? .random(in: 1...WireLimits.number)
        let security = try client.security(keys)
        control = try client.connected(.dealer, hub.controlPort, security)
        ingest = try client.connected(.extendedPublish, hub.ingestPort, security)
    }

    /// Whether the hub has subscribed, without which it would get nothing.
    func isUp() throws -> Bool { try client.wait(for: .handshakeSucceeded, on: ingest, atMost: .seconds(10)) }

    func sayHello(as instance: UInt64) throws {
        _ = try control.socket.send(
            Request.hello(
                .init(
                    request: 1, program: "enemy", epoch: HexNumber(epoch), last: sequence,
                    instance: HexNumber(instance))
            ).frames())
    }

    /// Follows the hub's answers.
    /// - Returns: how many replies that was.
    func listen() throws -> Int {
        while try receiver.receive(from: ingest.socket) != nil {}
        var count = 0
        while let message = try receiver.receive(from: control.socket) {
            count += 1
            switch try? Reply(frames: message.frames) {
            case .acknowledged(let answer) where answer.epoch.value == epoch: through = answer.through
            case .resume(let resume) where resume.epoch.value == epoch && resume.from > 0:
                through = resume.from - 1
                sequence = through
                resumesAt = steadyClock() + .milliseconds(resume.wait ?? 0)
            default: break
            }
        }
        return count
    }

    /// Whether it is not told to wait, and what it has sent is on its way: all beyond would pile up here, not at the hub.
    var mayGoOn: Bool {
        steadyClock() >= resumesAt && sequence < through + UInt64(WireLimits.window)
    }

    /// - isSealed: with the post's own signature; otherwise with none.
    func send(_ alerts: [ForgedAlert], isSealed: Bool = true) throws {
        var headers: [[UInt8]] = []
        for alert in alerts {
            sequence += 1
            headers.append(
                PostHeader(
                    post: keys.name, epoch: epoch, sequence: sequence,
                    queued: Timestamp(milliseconds: wallClockMilliseconds()), facts: alert.facts
                ).encoded())
        }
        let seals =
            isSealed
            ? Seal.sign(
                zip(headers, alerts).map { ($0, Seal.digest(of: $1.payload)) }, with: keys.signing)
            : alerts.map { _ in [UInt8](repeating: 1, count: Seal.shortest) }
        for (index, alert) in alerts.enumerated() {
            _ = try ingest.socket.send(
                IngestMessage.frames(
                    topic: Topic(country: "kh", province: province, kind: alert.kind),
                    SignedAlert(header: headers[index], payload: alert.payload, signature: seals[index])))
        }
    }
}

/// An alert as it goes over the wire, good or bad.
struct ForgedAlert {
    var payload: [UInt8]
    var facts: AlertFacts
    var kind = Kind.suspect

    /// An answer that the hub takes: an acknowledgement by who is on duty, or a sighting that calls the alert mistaken.
    init(from post: String, province: String, to alert: AlertID, of subject: Kind, acknowledges: Bool) {
        self.init(from: post, province: province, describing: "")
        kind = acknowledges ? subject : .sighting
        let type: MessageType = acknowledges ? .ack : .alert
        facts.kind = kind.code
        facts.messageType = type.code
        facts.references = [alert.bytes]
        let time = Timestamp(milliseconds: wallClockMilliseconds() / 1_000 * 1_000).rfc3339()
        let rest =
            acknowledges
            ? #""references":["\#(alert)"]"#
            : #""sighting":{"of":"\#(alert)","outcome":"mistaken","time":"\#(time)"}"#
        payload = Array(
            """
            {"certainty":"Observed","expires":"\(facts.expires.rfc3339())","handling":"TLP:AMBER",\
            "id":"\(AlertID(bytes: facts.id)?.description ?? "")","kind":"\(kind.rawValue)",\
            "msgType":"\(type.rawValue)","provinces":["\(province)"],"sender":"\(post)","sent":"\(time)",\
            "severity":"Severe","status":"Actual","urgency":"Immediate",\(rest)}
            """.utf8)
    }

    /// One that the hub takes.
    /// - text: its description in both languages, as JSON has it.
    init(from post: String, province: String, describing text: String) {
        let now = Timestamp(milliseconds: wallClockMilliseconds() / 1_000 * 1_000)
        let expires = Timestamp(milliseconds: now.milliseconds + 86_400_000)
        let id = AlertID(time: now, random: (0..<AlertID.randomLength).map { _ in UInt8.random(in: 0...255) })
        facts = AlertFacts(
            id: id.bytes, kind: Kind.suspect.code, messageType: MessageType.alert.code,
            status: Status.actual.code, expires: expires)
        payload = Array(
            """
            {"certainty":"Observed","description":{"en":"\(text)","km":"\(text)"},"expires":"\(expires.rfc3339())",\
            "handling":"TLP:AMBER","headline":{"en":"Grey van seen near the pier"},"id":"\(id)","kind":"suspect",\
            "msgType":"Alert","provinces":["\(province)"],"sender":"\(post)","sent":"\(now.rfc3339())",\
            "severity":"Severe","status":"Actual","suspect":{"role":"transporter","sex":"male"},"urgency":"Immediate"}
            """.utf8)
    }

    /// One that costs the hub much to refuse: as many fields as it reads, none of which it knows.
    init(costly count: Int) {
        self.init(from: "nobody", province: "KH-7", describing: "")
        let fields = (0..<count).map { #""headlin\($0)descriptionprovincesseverity":\#($0)"# }
        payload = Array("{\(fields.joined(separator: ","))}".utf8)
    }
}
