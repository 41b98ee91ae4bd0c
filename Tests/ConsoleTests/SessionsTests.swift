import Testing

@testable import Console

@Suite("Sessions of the page")
struct SessionsTests {
    private let start = Duration.seconds(1_000)

    @Test("a token opens one session, once")
    func once() {
        var sessions = Sessions()
        sessions.mint("token", start)
        let entered1 = sessions.enter("other", cookie: "stranger", start)
        #expect(!entered1)
        let entered2 = sessions.enter("token", cookie: "first", start)
        #expect(entered2)
        let entered3 = sessions.enter("token", cookie: "second", start)
        #expect(!entered3)
        #expect(sessions.session("first", start) != nil)
        #expect(sessions.session("second", start) == nil)
        #expect(sessions.session("stranger", start) == nil)
        #expect(sessions.session("token", start) == nil)
    }

    @Test("a token is good for a minute")
    func minute() {
        var sessions = Sessions()
        sessions.mint("token", start)
        let entered4 = sessions.enter("token", cookie: "late", start + Sessions.tokenLife)
        #expect(!entered4)
        sessions.mint("other", start)
        let entered5 = sessions.enter("other", cookie: "early", start + Sessions.tokenLife - .milliseconds(1))
        #expect(entered5)
    }

    @Test("a session ends after twelve hours")
    func twelveHours() throws {
        var sessions = Sessions()
        sessions.mint("token", start)
        let entered6 = sessions.enter("token", cookie: "cookie", start)
        #expect(entered6)
        let number = try #require(sessions.session("cookie", start))
        let last = start + .seconds(12 * 3_600) - .milliseconds(1)
        #expect(sessions.session("cookie", last) == number)
        #expect(sessions.isOpen(number, last))
        #expect(sessions.session("cookie", last + .milliseconds(1)) == nil)
        #expect(!sessions.isOpen(number, last + .milliseconds(1)))
    }

    @Test("tokens and sessions that nobody uses take no more than their room: the oldest go")
    func bounded() {
        var sessions = Sessions()
        for number in 0...Sessions.mostTokens { sessions.mint("token \(number)", start) }
        let entered7 = sessions.enter("token 0", cookie: "0", start)
        #expect(!entered7)
        let entered8 = sessions.enter("token 1", cookie: "1", start)
        #expect(entered8)
        for number in 2...(Sessions.mostSessions + 1) {
            sessions.mint("further \(number)", start)
            let entered9 = sessions.enter("further \(number)", cookie: "\(number)", start)
            #expect(entered9)
        }
        #expect(sessions.session("1", start) == nil)
        #expect(sessions.session("2", start) != nil)
    }
}
