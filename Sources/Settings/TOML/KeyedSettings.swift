extension KeyedDecodingContainer {
    /// A setting's value, or its default where the file does not have the key.
    public func value<T: Decodable>(_ key: Key, default fallback: @autoclosure () -> T) throws -> T {
        try decodeIfPresent(T.self, forKey: key) ?? fallback()
    }

    /// The same, refused outside of a range.
    public func value<T: Decodable & Comparable>(
        _ key: Key, default fallback: @autoclosure () -> T, in range: ClosedRange<T>
    ) throws -> T {
        guard let value = try decodeIfPresent(T.self, forKey: key) else { return fallback() }
        guard range.contains(value) else {
            throw refusal(
                of: key, "must be from \(words(range.lowerBound)) to \(words(range.upperBound))")
        }
        return value
    }

    /// An error for a value that the settings type itself has to refuse; the file and the line are added outside.
    /// - cause: a rule, e.g. `must not be empty`.
    public func refusal(of key: Key, _ cause: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath + [key], debugDescription: cause))
    }
}

private func words<T>(_ value: T) -> String {
    (value as? Duration)?.settingText ?? "\(value)"
}
