/// An alert and what refers to it, directly or through others.
public struct AlertThread: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public var offset: UInt64
        public var post: String
        /// Numbers of the topics that it was delivered on.
        public var topics: [UInt32]

        public init(offset: UInt64, post: String, topics: [UInt32]) {
            self.offset = offset
            self.post = post
            self.topics = topics
        }
    }

    /// By offset.
    public var members: [Member] = []
    /// Who wrote the alert itself; nil where the log has none of the id.
    public var author: String?
    /// It has more than ``StoreLimits/threadMembers``, and the rest was not looked for: what the author wrote is looked for
    /// first.
    public var isCut = false

    public init() {}
}
