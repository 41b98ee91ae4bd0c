import Alerts
import AlertStore
import MemoryStore
import Testing
import Wire

@testable import AlertHub

/// What a find shows of an alert that others have flooded: a log as a hub without the rule of the author left it.
@Suite("Threads")
struct ThreadTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"), read: Reference.grant("koh-kong"))
    let other = Actor("prey-veng", publish: Reference.grant("all"))
    /// Who asks: no author, so that the grant alone decides.
    let reader = Actor("kandal", read: Reference.grant("koh-kong"))

    /// The post's alert, what others wrote about it, and the post's Cancel: the last offset.
    /// - isReadable: whether the reader may read the others'.
    private func hub(others: Int, size: Int, isReadable: Bool) throws -> Hub {
        let hub = try Hub([post, other, reader])
        var batch = Batch()
        batch.newTopics = [
            TopicHead(number: 1, topic: Reference.topic("KH-9", .suspect), sequence: 0),
            TopicHead(number: 2, topic: Reference.topic("KH-14", .suspect), sequence: 0),
        ]
        var sequences: [UInt32: UInt64] = [:]
        for number in 1...UInt64(others + 2) {
            let isOwn = number == 1 || number == UInt64(others + 2)
            let topic: UInt32 = isOwn || isReadable ? 1 : 2
            sequences[topic, default: 0] += 1
            batch.records.append(
                Record(
                    offset: number, post: isOwn ? post.name : other.name, epoch: 7,
                    sequence: isOwn ? (number == 1 ? 1 : 2) : number, received: hub.now,
                    alert: AlertID(sampleID(number))?.bytes ?? [],
                    references: number == 1 ? [] : [AlertID(sampleID(1))?.bytes ?? []],
                    deliveries: [.init(topic: topic, sequence: sequences[topic] ?? 0)],
                    signed: SignedAlert(
                        header: post.alert(number).header,
                        payload: [UInt8](repeating: 0x20, count: isOwn ? 600 : size), signature: []), hash: []
                ))
        }
        batch.positions = [
            Position(post: post.name, epoch: 7, through: 2),
            Position(post: other.name, epoch: 7, through: UInt64(others + 1)),
        ]
        try hub.store.commit(batch)
        return try Hub([post, other, reader], log: hub.log)
    }

    private func find(
        _ hub: inout Hub, _ part: Request.Find.Part? = nil, after: UInt64? = nil
    ) throws -> (page: Reply.Page, offsets: [UInt64]) {
        let find = Request.Find(request: 4, alert: sampleID(1), part: part, after: after)
        guard case .page(let page, let bytes) = try hub.reply(hub.ask(.find(find), as: reader)) else {
            throw NoPage()
        }
        hub.finishReadings(of: reader)
        return (page, try PageRecord.decode(bytes).map(\.offset))
    }
    private struct NoPage: Error {}

    @Test(
        "nobody's alerts push out what the author wrote",
        arguments: [(20, 65_000, true), (1_500, 600, true), (1_500, 600, false)])
    func flooded(_ others: Int, _ size: Int, _ isReadable: Bool) throws {
        var hub = try hub(others: others, size: size, isReadable: isReadable)
        let cancel = UInt64(others + 2)
        let plain = try find(&hub)
        #expect(plain.offsets.contains(1) && plain.offsets.contains(cancel))
        #expect((plain.page.through < plain.page.head) == isReadable, "the cut is told")
        #expect(plain.page.others == (isReadable ? UInt64(others) : 0))
        let own = try find(&hub, .author)
        #expect(own.offsets == [1, cancel])
        #expect(own.page.through == own.page.head)
    }

    @Test("page after page gives all that may be read, each once")
    func paged() throws {
        var hub = try hub(others: 2_500, size: 600, isReadable: true)
        var offsets: [UInt64] = []
        var pages = 0
        var after: UInt64 = 0
        while true {
            let (page, some) = try find(&hub, .others, after: after)
            #expect(page.after == after && page.beyond == nil)
            offsets += some
            pages += 1
            guard page.through < page.head else { break }
            after = page.through
        }
        #expect(offsets == Array(2...2_501))
        #expect(pages == 3)
    }
}
