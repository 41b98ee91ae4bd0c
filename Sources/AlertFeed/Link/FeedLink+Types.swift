internal import Alerts
internal import LogProof
internal import Wire

extension FeedLink {
    struct Plan: Sendable {
        var wanted: Wanted
        var start: Start
        /// Whether it goes on after the log's end. A reader that does not follow gives up when nothing comes.
        var follows: Bool
        var directory: ProvinceDirectory
        /// The file that keeps the checkpoints, which the error about a fork names; nil: none does.
        var checkpointFile: String?
        /// Whether it asks which posts are silent, where it may know.
        var watchesSilence = false
    }

    enum State: Sendable, Equatable {
        /// No connection to the hub's control socket.
        case down
        /// Said hello.
        case greeting(request: UInt64)
        /// The hub must show that its log continues the one that it had signed for.
        case verifying(UnverifiedWelcome, Selection)
        /// Asked for the offset of the moment with which the stream begins.
        case locating(request: UInt64, Reply.Welcome, Selection)
        /// Asked where the topics stand at the offset after which the stream begins.
        case starting(request: UInt64, Reply.Welcome, Selection, after: UInt64, log: UInt64?)
        /// The stream has begun.
        case reading
        case ended
    }

    enum Action: Sendable, Equatable {
        case ask(Request)
        /// Connect the feed's socket to this port of the hub, if it isn't.
        case connectFeed(port: Int, Selection)
        /// The stream begins after this offset.
        case begin(Beginning)
        case emit(StreamedAlert)
        /// The log's last offset, as far as known.
        case see(head: UInt64)
        /// Everything up to the offset was emitted, and the feed is live.
        case caughtUp(offset: UInt64)
        /// The latest checkpoint of each of the hub's logs, up to which the stream is verified.
        case keep([SignedCheckpoint])
        case tell(String)
        /// Nothing comes any more.
        case fail(ReaderFailure)
        /// The reading ends because the hub was never reached; the loop knows why.
        case giveUp
    }

    struct Beginning: Sendable, Equatable {
        var offset: UInt64
        var log: UInt64
        /// When the hub was greeted, by its clock, and by a steady one.
        var hubTime: Timestamp
        var greeted: Duration
    }

    /// The page that the stream waits for.
    enum Page: Sendable, Equatable {
        case none
        /// To be asked for once there is room for it.
        case wanted(Request.Replay)
        case asked(Request.Replay, at: Duration)
    }

    /// What the hub was asked to vouch for: where the topics stand at the stream's position.
    struct Vouching: Sendable, Equatable {
        var request: UInt64
        var offset: UInt64
        var chains: TopicChains
        var since: Duration
    }
}
