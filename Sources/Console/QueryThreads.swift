internal import HTTP
internal import Platform
internal import Synchronization

/// Threads for what takes its time: questions to the hub and to the post. Bounded: a question that finds as many waiting as may is
/// answered 503 at once.
final class QueryThreads: Sendable {
    typealias Question = @Sendable () -> HTTPResponse

    /// Each of them has a connection to the hub of its own while it asks.
    static let count = 2
    static let mostWaiting = 64

    /// What waits, which the threads share with whoever asks.
    private final class Line: Sendable {
        struct State {
            var waiting: [(question: Question, answer: LaterResponse)] = []
            var isOver = false
        }

        let state = Mutex(State())

        /// Answers until nothing waits.
        /// - Returns: false at the end.
        func work() -> Bool {
            while let next = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
                next.answer.give(next.question())
            }
            return !state.withLock { $0.isOver }
        }
    }

    private let line = Line()
    private let wakes: [Wake]
    private let threads: [NamedThread]

    init() throws(PlatformError) {
        var wakes: [Wake] = []
        for _ in 0..<QueryThreads.count { wakes.append(try Wake()) }
        var threads: [NamedThread] = []
        for wake in wakes {
            do throws(PlatformError) {
                threads.append(
                    try NamedThread("query") { [line] in
                        repeat { wake.wait() } while line.work()
                    })
            } catch {
                line.state.withLock { $0.isOver = true }
                for wake in wakes { wake.signal() }
                for thread in threads { thread.join() }
                throw error
            }
        }
        (self.wakes, self.threads) = (wakes, threads)
    }

    /// - question: asked on one of the threads.
    func ask(_ question: @escaping Question) -> HTTPResponse {
        let answer = LaterResponse()
        let isTaken = line.state.withLock { state in
            guard !state.isOver, state.waiting.count < QueryThreads.mostWaiting else { return false }
            state.waiting.append((question, answer))
            return true
        }
        guard isTaken else { return APIError(503, "busy", "too much is asked at once; try again").response }
        for wake in wakes { wake.signal() }
        return HTTPResponse(answer)
    }

    /// Waits for what is being asked; what waits gets no answer but that.
    func stop() {
        let waiting = line.state.withLock { state in
            state.isOver = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for next in waiting { next.answer.give(APIError(503, "ending", "the console ends").response) }
        for wake in wakes { wake.signal() }
        for thread in threads { thread.join() }
    }
}
