/// Select Graphic Rendition (ECMA-48), or nothing.
struct Style {
    enum Look: String, Sendable {
        case bold = "1"
        case dim = "2"
        case inverse = "7"
        case red = "1;31"
        case yellow = "33"
    }

    let isOn: Bool

    func apply(_ look: Look?, to text: String) -> String {
        guard isOn, let look else { return text }
        return "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m"
    }
}
