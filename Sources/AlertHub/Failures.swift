internal import Platform
internal import ZeroMQ

extension Failure {
    init(_ error: ZeroMQError) {
        switch error.code {
        case .addressInUse:
            self.init(
                error.description,
                remedy: "another program has the port (ss -ltnp shows which); or change [listen]",
                status: .osError)
        case .permissionDenied, .addressNotAvailable:
            self.init(error.description, remedy: "see [listen] in the settings", status: .config)
        default:
            self.init(error.description, status: .osError)
        }
    }
}
