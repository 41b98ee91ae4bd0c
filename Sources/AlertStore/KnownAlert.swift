/// Where an alert of some id is, and whose it is.
public struct KnownAlert: Sendable, Equatable {
    public var offset: UInt64
    /// Name of the post that signed it.
    public var post: String

    public init(offset: UInt64, post: String) {
        self.offset = offset
        self.post = post
    }
}

/// The ids that ``AlertReader/known(_:)`` does not find yet, and what there is beside them.
public struct UnindexedIDs: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// A UUID's 16 bytes.
        public var alert: [UInt8]
        public var known: KnownAlert

        public init(alert: [UInt8], known: KnownAlert) {
            self.alert = alert
            self.known = known
        }
    }

    /// By offset; at most ``StoreLimits/unindexedIDs`` of them.
    public var entries: [Entry] = []
    /// The greatest of the ids that are found, by its bytes: none of those is of a later time; nil where there are none.
    public var greatest: [UInt8]?

    public init() {}
}
