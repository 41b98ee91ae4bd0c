internal import FoundationEssentials

/// Gives a test a stage, as soon as there is room for it: all at once would only wait for one another.
public func onStage(_ body: (Stage) async throws -> Void) async throws {
    await Room.shared.enter()
    do {
        try await body(try Stage())
        await Room.shared.leave()
    } catch {
        await Room.shared.leave()
        throw error
    }
}

/// Lets a few in at a time, in the order of their coming.
private actor Room {
    static let shared = Room(ProcessInfo.processInfo.activeProcessorCount * 2)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ places: Int) { free = places }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
