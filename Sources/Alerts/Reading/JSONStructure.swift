/// What the decoder doesn't tell of a JSON text: that it is UTF-8, and how many fields its objects have.
struct JSONStructure {
    /// Fields of all objects, a repeated one counted each time: the colons outside of strings.
    let fields: Int

    init(_ payload: [UInt8]) throws(InvalidAlert) {
        guard !payload.isEmpty else { throw .whole("empty") }
        guard String(validating: payload, as: UTF8.self) != nil else { throw .whole("not UTF-8") }
        var fields = 0
        var isInString = false
        var isEscaped = false
        for byte in payload {
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == 0x22 { isInString = false }
                if byte == 0x5C { isEscaped = true }
            } else if byte == 0x22 {
                isInString = true
            } else if byte == 0x3A {
                fields += 1
            } else if byte == 0 {
                // JSON has none; the decoder takes them for a sign of UTF-16.
                throw .whole("not JSON: a zero byte in it")
            }
        }
        self.fields = fields
    }
}
