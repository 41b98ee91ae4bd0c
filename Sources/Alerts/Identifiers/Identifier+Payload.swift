internal import JSON

extension Identifier {
    /// The same as ``Alert/identifiers``, of a payload that was checked when it came in: without the other rules of an alert,
    /// for who reads many.
    public static func all(in payload: [UInt8]) -> [Identifier] {
        guard !payload.isEmpty, let alert = try? JSONDocument(payload).root,
            alert["msgType"]?.string.flatMap(MessageType.init).map({ $0 == .alert || $0 == .update }) ?? false
        else { return [] }
        var found: Set<Identifier> = []
        for kind in Kind.allCases {
            guard let section = alert[kind.rawValue] else { continue }
            if let vehicle = section["vehicle"], let plate = vehicle["plate"]?.string,
                let type = vehicle["type"]?.string.flatMap(Vehicle.VehicleType.init),
                let identifier = Identifier(plate: plate, of: type)
            {
                found.insert(identifier)
            }
            for document in section["documents"]?.elements ?? [] {
                if let number = document["number"]?.string, let country = document["country"]?.string,
                    let identifier = Identifier(document: number, of: country)
                {
                    found.insert(identifier)
                }
            }
        }
        return found.isEmpty ? [] : found.sorted()
    }
}
