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

/// How a thread is found in any store.
extension AlertThread {
    /// An alert of a thread, and its id.
    package typealias Found = (member: Member, id: [UInt8])

    /// - named: the alerts of the id itself. referring: the first alerts that refer to an id, at most so many.
    package init<Failure: Error>(
        of alert: [UInt8], named: [Member], referring: ([UInt8], _ limit: Int) throws(Failure) -> [Found]
    ) throws(Failure) {
        self.init()
        var found = Dictionary(named.map { ($0.offset, $0) }) { first, _ in first }
        author = named.min { $0.offset < $1.offset }?.post
        // An alert can refer to one that refers back: each id is followed once, and the author's own ones first.
        var own = [alert]
        var others: [[UInt8]] = []
        var followed: Set<[UInt8]> = [alert]
        while !isCut, let target = own.popLast() ?? others.popLast() {
            for (member, id) in try referring(target, StoreLimits.threadMembers + 1) {
                guard found.updateValue(member, forKey: member.offset) == nil, followed.insert(id).inserted
                else { continue }
                if member.post == author { own.append(id) } else { others.append(id) }
            }
            isCut = found.count > StoreLimits.threadMembers
        }
        members = found.values.sorted { $0.offset < $1.offset }
    }
}
