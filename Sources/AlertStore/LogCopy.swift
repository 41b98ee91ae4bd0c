/// A log on its way from one place into another, a step at a time. Used from one thread.
public protocol LogCopy: AnyObject {
    /// Whether a hub held the log when this began: then it needs rests between steps.
    var isInUse: Bool { get }
    /// The last offset that is copied, and the last one of the log when it was last looked at.
    var copied: UInt64 { get }
    var head: UInt64 { get }
    /// The copy's name.
    var log: UInt64 { get }

    /// Copies some more.
    /// - Returns: false once the copy is complete.
    func step() throws(StoreError) -> Bool
    /// Gives the copy another log's name: offsets of the log that it was copied from mean nothing in it.
    func rename(log: UInt64) throws(StoreError)
    /// Of the complete copy, which does not change any more.
    func inspector() throws(StoreError) -> any LogInspector
    /// Puts the complete copy, durably, where it was asked for; until then nothing is there.
    /// - Returns: its size in bytes.
    func place() throws(StoreError) -> Int64
    /// A copy that was not placed is gone then.
    func close()
}
