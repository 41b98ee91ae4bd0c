internal import AlertStore
internal import FoundationEssentials
internal import Platform
internal import Settings

/// For which escalations the operator's program has run: of a hub with a log of its own a file, `paged.json` in its state directory;
/// of hubs that share a log the log, so that one machine wakes somebody, and not each.
final class PagedEscalations {
    /// All up to a number are done, and some beyond it.
    private struct Paged: Codable {
        var number: UInt64
        var beyond: [UInt64]?
    }

    private static let largest = 1_048_576

    private let path: String
    private var paged: Paged
    private let shared: (any PageLog)?

    /// - Returns: nil while another machine has it.
    static func open(_ settings: HubSettings) throws -> PagedEscalations? {
        let shared = try (settings.log as? any SharedLog)?.pages()
        guard try shared?.lock() ?? true else {
            shared?.close()
            return nil
        }
        return PagedEscalations(Files.path("paged.json", from: settings.state.path), shared)
    }

    private init(_ path: String, _ shared: (any PageLog)?) {
        self.path = path
        self.shared = shared
        let bytes = shared == nil ? (try? Files.read(path, limit: PagedEscalations.largest)) : nil
        paged =
            bytes.flatMap { try? JSONDecoder().decode(Paged.self, from: Data($0)) } ?? Paged(number: 0)
    }

    func without(_ escalations: [EscalationRow]) throws -> [EscalationRow] {
        guard let shared else {
            return escalations.filter { row in
                row.number > paged.number && !(paged.beyond?.contains(row.number) ?? false)
            }
        }
        let done = try shared.paged(from: escalations.map(\.number).min() ?? 0)
        return escalations.filter { !done.contains($0.number) }
    }

    func add(_ number: UInt64) throws {
        if let shared { return try shared.add(number) }
        paged.beyond = (paged.beyond ?? []) + [number]
        try write()
    }

    /// All up to this one are done.
    func conclude(through number: UInt64) throws {
        guard shared == nil else { return }
        paged = Paged(number: number)
        try write()
    }

    private func write() throws {
        let bytes = try JSONEncoder().encode(paged)
        try Files.writeAtomically(Array(bytes) + [0x0A], to: path, mode: 0o640)
    }

    func close() { shared?.close() }
}

@available(*, unavailable)
extension PagedEscalations: Sendable {}
