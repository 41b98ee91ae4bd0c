internal import Platform
internal import Settings

/// What a hub listens on, as its settings say: looked at before anything is bound, by `run` and `check` alike.
struct ListenPlan {
    struct Part {
        /// The key of the settings.
        var name: String
        var address: NumericAddress
        /// nil: any free ones.
        var ports: ClosedRange<Int>?
    }

    let parts: [Part]
    private static let feeds = "listen.feeds"

    init(_ settings: HubSettings) {
        let listen = settings.listen
        var parts = [
            Part(name: "listen.control", address: listen.address, ports: ListenPlan.ports(listen.control)),
            Part(name: "listen.ingest", address: listen.address, ports: ListenPlan.ports(listen.ingest)),
        ]
        if settings.metrics.serve {
            let metrics = settings.metrics
            parts.append(
                Part(
                    name: "metrics.port", address: metrics.address, ports: ListenPlan.ports(metrics.port)))
        }
        let feeds = listen.feeds[0] == 0 ? nil : listen.feeds[0]...listen.feeds[1]
        parts.append(Part(name: ListenPlan.feeds, address: listen.address, ports: feeds))
        self.parts = parts
    }

    private static func ports(_ port: Int) -> ClosedRange<Int>? { port == 0 ? nil : port...port }

    /// Refuses two parts on one port, and an interface that is not there.
    func verify() throws(Failure) {
        var wrong: [String] = []
        for (index, part) in parts.enumerated() {
            if part.address.isInterfaceMissing, let interface = part.address.interface {
                let words = "\(part.address): there is no interface \(interface)"
                if !wrong.contains(words) { wrong.append(words) }
            }
            guard let ports = part.ports else { continue }
            for other in parts[..<index] where other.address.overlaps(part.address) {
                guard let taken = other.ports, taken.overlaps(ports) else { continue }
                let port = max(taken.lowerBound, ports.lowerBound)
                wrong.append("\(part.name): port \(port) is \(other.name)'s")
            }
        }
        guard wrong.isEmpty else {
            throw Failure(
                wrong.joined(separator: "; "), remedy: "see [listen] and [metrics] in the settings",
                status: .config)
        }
    }

    /// Refuses what can't be listened on now. Everything is held until all of it was tried.
    /// - grants: distinct read grants, each of which needs a port for its feed.
    func tryPorts(grants: Int) throws(Failure) {
        var wrong: [String] = []
        var held: [ListeningPort] = []
        for part in parts where part.name != ListenPlan.feeds {
            let port = part.ports?.lowerBound ?? 0
            do throws(PlatformError) {
                held.append(try ListeningPort(address: part.address.description, port: port))
            } catch {
                let cause = error.isAddressInUse ? "another program has it" : error.words
                wrong.append("\(part.name): port \(port) of \(part.address): \(cause)")
            }
        }
        for part in parts where part.name == ListenPlan.feeds {
            guard let ports = part.ports else { continue }
            var free = 0
            for port in ports where free < grants {
                guard let opened = try? ListeningPort(address: part.address.description, port: port)
                else { continue }
                held.append(opened)
                free += 1
            }
            if free < grants {
                wrong.append(
                    "\(part.name): \(free) ports are free, \(grants) distinct read grants need one each")
            }
        }
        withExtendedLifetime(held) {}
        guard wrong.isEmpty else {
            throw Failure(
                wrong.joined(separator: "; "), remedy: "ss -ltnp shows who has a port", status: .osError)
        }
    }
}
