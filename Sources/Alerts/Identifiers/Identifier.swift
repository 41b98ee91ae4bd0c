/// What is written on a plate, a vessel or a document, in the one spelling in which two of them are the same: case, spaces,
/// hyphens, accents and the script of its digits don't count.
public struct Identifier: Sendable, Hashable, Comparable {
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        case plate
        /// A boat's or a ship's registration.
        case vessel
        /// With the country that issued it.
        case document
    }

    /// Letters and digits from which on it is one: fewer are on too many things.
    public static let shortest = 4

    public let scheme: Scheme
    /// Letters, marks and digits, in UTF-8; of a document the country's code before them.
    public let value: String

    private init?(_ scheme: Scheme, _ text: String, before: String = "") {
        var folding = TextFolding()
        folding.add(text)
        let bytes = folding.bytes.filter { $0 != TextFolding.gap && $0 != TextFolding.end }
        let value = String(decoding: bytes, as: UTF8.self)
        guard value.unicodeScalars.count >= Identifier.shortest,
            bytes.contains(where: { (0x30...0x39).contains($0) })
        else { return nil }
        self.scheme = scheme
        self.value = before + value
    }

    /// nil of what is too short to tell one from another, or has no digit.
    public init?(plate: String, of vehicle: Vehicle.VehicleType) {
        self.init(vehicle == .boat || vehicle == .ship ? .vessel : .plate, plate)
    }

    public init?(document number: String, of country: String) {
        self.init(.document, number, before: country.lowercased() + ":")
    }

    public static func < (left: Identifier, right: Identifier) -> Bool {
        left.scheme == right.scheme ? left.value < right.value : left.scheme.rawValue < right.scheme.rawValue
    }
}

extension Alert {
    /// What it says of plates, vessels and documents, each once. A cancellation and an acknowledgement say nothing of any.
    public var identifiers: [Identifier] {
        guard messageType == .alert || messageType == .update else { return [] }
        let vehicles = [suspect?.vehicle, movement?.vehicle, sighting?.vehicle].compactMap { $0 }
        let plates = vehicles.compactMap { vehicle in
            vehicle.plate.flatMap { Identifier(plate: $0, of: vehicle.type) }
        }
        let documents = (suspect?.documents ?? []).compactMap {
            Identifier(document: $0.number, of: $0.country)
        }
        return plates.isEmpty && documents.isEmpty ? [] : Set(plates + documents).sorted()
    }
}
