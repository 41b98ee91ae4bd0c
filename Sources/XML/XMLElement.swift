/// An element of a document that was read: a value, with its own text in one piece.
public struct XMLElement: Sendable, Equatable {
    /// That there is one: the documents read here have no values in any.
    public struct Attribute: Sendable, Equatable {
        /// Without its prefix.
        public var name: String
        /// Empty: none.
        public var namespace: String
    }

    /// Without its prefix.
    public var name: String
    /// Empty: none.
    public var namespace: String
    /// Declarations of namespaces are none.
    public var attributes: [Attribute] = []
    public var children: [XMLElement] = []
    /// All that stands directly in it, comments and processing instructions left out.
    public var text = ""
    /// In which it begins, from 1.
    public var line: Int

    init(name: String, namespace: String, line: Int) {
        self.name = name
        self.namespace = namespace
        self.line = line
    }
}

/// How much of a document is read. Beyond it the document is refused, never cut.
public struct XMLBounds: Sendable, Equatable {
    public var bytes: Int
    /// Elements within each other, the root one counted.
    public var depth: Int
    public var elements: Int
    /// Of all elements together.
    public var attributes: Int

    public init(bytes: Int, depth: Int, elements: Int, attributes: Int) {
        (self.bytes, self.depth, self.elements, self.attributes) = (bytes, depth, elements, attributes)
    }
}

/// Why a document is refused, or could not be written. Quotes nothing of it.
public struct XMLError: Error, Sendable, Equatable, CustomStringConvertible {
    public let reason: String

    public var description: String { reason }
}
