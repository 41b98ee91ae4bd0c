internal import CMicroHTTPD
internal import Synchronization

/// An answer that somebody else gives, from any thread, while the server goes on with other clients. One request each.
///
/// Whoever makes one gives it an answer, always: the client waits for as long as it likes.
public final class LaterResponse: Sendable {
    private struct State {
        var response: HTTPResponse?
        /// libmicrohttpd's, as an integer; nil before it waits and after it is gone.
        var connection: UInt?
        var isSuspended = false
    }

    private let state = Mutex(State())

    public init() {}

    /// The first answer counts. One that is itself later, or a stream, is none: 500.
    public func give(_ response: HTTPResponse) {
        let isFinal = response.later == nil && response.stream == nil
        state.withLock { state in
            guard state.response == nil else { return }
            state.response = isFinal ? response : HTTPResponse(500, "no answer")
            LaterResponse.resume(&state)
        }
    }

    private static func resume(_ state: inout State) {
        guard state.isSuspended, let connection = state.connection else { return }
        state.isSuspended = false
        MHD_resume_connection(OpaquePointer(bitPattern: connection))
    }

    // MARK: For the server

    /// - Returns: the answer, or nil: the connection is suspended until there is one.
    func wait(_ connection: OpaquePointer) -> HTTPResponse? {
        state.withLock { state in
            if let response = state.response { return response }
            state.connection = UInt(bitPattern: connection)
            state.isSuspended = true
            MHD_suspend_connection(connection)
            return nil
        }
    }

    /// The client is gone, and libmicrohttpd frees its connection.
    func detach() { state.withLock { $0.connection = nil } }

    /// The server ends.
    func abandon() { give(HTTPResponse(503, "the server ends")) }
}
