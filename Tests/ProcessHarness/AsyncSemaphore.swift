internal import FoundationEssentials

/// Gives a test a testbed, as soon as there is room for it: all at once would only wait for one another.
public func withTestbed(_ body: (Testbed) async throws -> Void) async throws {
    await AsyncSemaphore.shared.enter()
    do {
        try await body(try Testbed())
        await AsyncSemaphore.shared.leave()
    } catch {
        await AsyncSemaphore.shared.leave()
        throw error
    }
}

/// Lets a few in at a time, in the order of their coming.
private actor AsyncSemaphore {
    static let shared = AsyncSemaphore(ProcessInfo.processInfo.activeProcessorCount * 2)

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
