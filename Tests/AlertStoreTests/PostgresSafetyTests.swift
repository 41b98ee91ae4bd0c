import PostgresServer
import Testing

@testable import PostgresLog

@Suite("An unsafe database is refused")
struct PostgresSafetyTests {
    private func words(_ change: (inout PostgresSafety.Facts) -> Void, standby: Bool = true) -> String {
        var facts = PostgresSafety.Facts()
        change(&facts)
        return PostgresSafety.problems(of: facts, standby: standby).joined(separator: "; ")
    }

    @Test("each thing by which acknowledged alerts can be lost is named, with the way out")
    func problems() {
        #expect(words { _ in }.isEmpty)
        #expect(words { $0.syncs = false }.contains("Set fsync = on"))
        #expect(words { $0.writesPages = false }.contains("full_page_writes = on"))
        for commit in ["off", "local", "remote_write"] {
            #expect(words { $0.commit = commit }.contains("synchronous_commit is \(commit)"))
        }
        #expect(words { $0.commit = "remote_apply" }.isEmpty)
        #expect(words { $0.isSuperuser = true }.contains("borderwire_hub"))
        #expect(words { $0.mayChange = true }.contains("borderwire_hub"))
    }

    @Test("a standby must be waited for and be there, and not be any of several")
    func standbys() {
        let alone: (inout PostgresSafety.Facts) -> Void = {
            $0.standbyNames = ""
            $0.standbys = 0
        }
        #expect(words(alone).contains("standby = false"))
        #expect(words(alone, standby: false).isEmpty)
        #expect(words { $0.standbys = 0 }.contains("no standby of FIRST 1 (s) is connected"))
        for names in ["ANY 1 (s, t)", "any 2(s,t,\"u v\")", "ANY 1 (*)"] {
            #expect(words { $0.standbyNames = names }.contains("with ANY"), "\(names)")
        }
        for names in ["FIRST 1 (s, t)", "ANY 2 (s, t)", "s", "anyone", "2 (s, t)"] {
            #expect(words { $0.standbyNames = names }.isEmpty, "\(names)")
        }
    }

    @Test(
        "the tests' own server, which trusts no disk, is refused",
        .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
    func server() throws {
        let database = try #require(PostgresServer.shared).database()
        let problems = try PostgresSafety.problems(database.place(), standby: false)
        #expect(problems.count == 3, "\(problems)")
        var superuser = database.place()
        superuser.servers += " user=postgres"
        #expect(try PostgresSafety.problems(superuser, standby: true).count == 5)
    }
}
