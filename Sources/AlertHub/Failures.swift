internal import AlertStore
internal import Platform
internal import Settings
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

    init(_ error: PlatformError) {
        self.init(error.description, status: .osError)
    }

    init(_ error: StoreError) {
        let status: ExitStatus =
            switch error.cause {
            case .full, .other, .outOfOrder, .missing: .ioError
            case .readOnly: .noPermission
            case .newerVersion, .endedFormat, .damaged: .dataError
            case .locked, .leaseLost: .tempFail
            }
        self.init(
            "\(error.operation) \(error.path): \(error.detail)", remedy: error.remedy, status: status)
    }

    /// Of whatever a step threw that has more than one kind of error.
    init(_ error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as ZeroMQError: self.init(error)
        case let error as StoreError: self.init(error)
        case let error as PlatformError: self.init(error)
        default: self.init("\(error)", status: .software)
        }
    }
}
