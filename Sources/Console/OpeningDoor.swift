internal import Glibc
public import Platform

/// The daemon's local socket: gives whoever runs this program, and nobody else, an address to open the page by. Used by the
/// console's thread.
final class OpeningDoor {
    /// Bytes of a message.
    static let longest = 1_024
    /// How long a program that has connected may take to ask.
    static let patience = Duration.milliseconds(200)

    /// What is asked; the answer is the address.
    static let question = Array("open".utf8)

    private let listener: LocalListener
    private let address: String
    private let page: PageServer
    private let log: Log<ConsoleEvent>

    init(_ path: String, address: String, _ page: PageServer, _ log: Log<ConsoleEvent>) throws(PlatformError)
    {
        listener = try LocalListener(path, mode: 0o600)
        (self.address, self.page, self.log) = (address, page, log)
    }

    var descriptor: Int32 { listener.descriptor }

    /// Answers who has come.
    func look() {
        while let caller = listener.accept() {
            let user = caller.peerUser
            guard user == geteuid() else {
                log(
                    .refused, .warning, "a program of another user asked for the page and was refused",
                    ["USER": user.map { "\($0)" }])
                continue
            }
            guard
                case .message(OpeningDoor.question) = caller.receive(
                    limit: OpeningDoor.longest, atMost: OpeningDoor.patience)
            else { continue }
            let token = page.mint(steadyClock())
            if caller.send(Array("\(address)/enter?token=\(token)".utf8)) {
                log(.opened, .information, "the page was asked for")
            }
        }
    }
}

/// `borderwire-console open`'s side.
public enum PageAddress {
    /// How long the daemon may take.
    static let patience = Duration.seconds(5)

    /// How long a daemon that was started just now may take to listen.
    static let starting = Duration.seconds(2)
    private static let pause = Duration.milliseconds(20)

    /// Waits for a daemon that does not listen yet.
    private static func connect(_ path: String) throws(PlatformError) -> LocalConnection {
        let end = steadyClock() + starting
        while true {
            do throws(PlatformError) { return try LocalConnection(to: path) } catch {
                let isAbsent = error.code == ENOENT || error.code == ECONNREFUSED
                guard isAbsent, steadyClock() < end else { throw error }
            }
            sleep(pause)
        }
    }

    /// Asks the daemon for an address that opens the page once, within a minute.
    public static func ask(_ settings: ConsoleSettings) throws(Failure) -> String {
        let path = settings.localSocket
        let call: LocalConnection
        do throws(PlatformError) { call = try connect(path) } catch {
            let isOthers = error.code == EACCES || error.code == EPERM
            throw Failure(
                error.description,
                remedy: isOthers
                    ? "only the user whose console it is may open it"
                    : "start it first: systemctl start borderwire-console@USER, or borderwire-console run",
                status: isOthers ? .noPermission : .unavailable)
        }
        // Whoever listens there must be who we think: else the browser would be led to a stranger's page.
        guard let user = call.peerUser, user == geteuid() else {
            throw Failure(
                "\(path) belongs to another user's program",
                remedy: "each user has a console of their own; name its settings with --config",
                status: .noPermission)
        }
        guard call.send(OpeningDoor.question, atMost: patience),
            case .message(let answer) = call.receive(limit: OpeningDoor.longest, atMost: patience)
        else {
            throw Failure(
                "the console does not answer", remedy: "its log says more: journalctl -t borderwire-console",
                status: .unavailable)
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
