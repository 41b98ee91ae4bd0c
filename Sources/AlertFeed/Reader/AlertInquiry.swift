public import Alerts
internal import HubLink
internal import Identity
internal import LogProof
internal import Settings
public import Wire

/// Several questions about alerts, over one connection of their own, each answered before the next. Used from one thread.
public final class AlertInquiry {
    let settings: ReaderSettings
    let provinces: ProvinceDirectory
    let keys: IdentityKeys
    let hub: KnownHub
    let call: ControlCall
    let tell: (String) -> Void
    private var known: PublicKeyring?
    var seals = SealChecker()

    /// - tell: gets sentences for whoever runs the program.
    public init(
        _ settings: ReaderSettings, provinces: ProvinceDirectory, tell: @escaping (String) -> Void = { _ in }
    ) throws {
        self.settings = settings
        self.provinces = provinces
        self.tell = tell
        keys = try KeyFiles.readSecret(settings.key.path)
        let hubs = try settings.hubs(for: keys.name)
        hub = hubs.known
        call = ControlCall(try FeedSockets(hubs, keys, tell: tell))
    }

    /// Who has seen an alert.
    /// - Returns: nil where there is no such alert, or none that the identity may read.
    public func seen(_ alert: AlertID) throws -> Reply.Seen? {
        try SeenQuery.ask(alert, call)
    }

    /// Which others may be about the same. The hub's answer, which this program can't check: it is what to look at, and proves
    /// nothing.
    public func related(to alert: AlertID) throws -> Reply.Related {
        let reply = try call.ask { number in
            .related(Request.Related(request: number, alert: alert.description))
        }
        guard case .related(let related) = reply else { throw ReaderFailure.unexpected }
        return related
    }

    /// The keys that seals are checked with, read once.
    func keyring() throws -> PublicKeyring {
        if let known { return known }
        let read = try settings.keyring(with: hub, keys.publicKeys, tell: tell)
        known = read
        return read
    }
}
