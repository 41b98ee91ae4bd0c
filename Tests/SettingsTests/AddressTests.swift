import Platform
import Settings
import Testing

@Suite("Addresses")
struct AddressTests {
    @Test(
        "a numeric address is read in any of its forms, and written in one",
        arguments: [
            ("127.0.0.1", "127.0.0.1", "127.0.0.1:5560"), ("::1", "::1", "[::1]:5560"),
            ("[::1]", "::1", "[::1]:5560"), ("0:0::0", "::", "[::]:5560"),
            ("2001:DB8:0::7", "2001:db8::7", "[2001:db8::7]:5560"),
            ("fe80::1%eth0", "fe80::1%eth0", "[fe80::1%eth0]:5560"),
            ("[fe80::1%eth0]", "fe80::1%eth0", "[fe80::1%eth0]:5560"),
            ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7:5560"),
        ])
    func forms(text: String, written: String, place: String) throws {
        let address = try #require(NumericAddress(text))
        #expect(address.description == written)
        #expect(address.place(port: 5560) == place)
    }

    @Test("bytes off the wire are written as an address is")
    func bytes() {
        #expect(NumericAddress(bytes: [192, 0, 2, 7])?.description == "192.0.2.7")
        let six: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
        #expect(NumericAddress(bytes: six)?.place(port: 1) == "[2001:db8::1]:1")
        #expect(NumericAddress(bytes: []) == nil && NumericAddress(bytes: [1, 2, 3, 4, 5]) == nil)
    }

    @Test(
        "what is none is refused",
        arguments: [
            "", "localhost", "127.0.0.1:5560", "[127.0.0.1]", "127.1", "[::1", "::1]", "[::1]:5560", "*",
            "fe80::1%", "fe80::1%a/b", "fe80::1%a%b", "fe80::1%sixteen-letters-", "lo", " ::1", "::1\n",
        ])
    func none(text: String) { #expect(NumericAddress(text) == nil) }

    @Test("two that listen on one port are in each other's way when one takes what is meant for the other")
    func overlaps() throws {
        func overlap(_ left: String, _ right: String) -> Bool {
            guard let left = NumericAddress(left), let right = NumericAddress(right) else { return false }
            return left.overlaps(right) && right.overlaps(left)
        }
        for (left, right) in [
            ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::", "::1"),
            ("::", "0.0.0.0"),
        ] { #expect(overlap(left, right), "\(left) and \(right)") }
        for (left, right) in [("127.0.0.1", "127.0.0.2"), ("0.0.0.0", "::1"), ("::1", "127.0.0.1")] {
            #expect(!overlap(left, right), "\(left) and \(right)")
        }
    }

    private func hub(_ host: String) throws -> HubAddress {
        try TOMLDocument(
            text: Array("host = \"\(host)\"\nkey = \"hub.pub\"\n".utf8), file: "hub.toml"
        ).decode(HubAddress.self)
    }

    @Test("a hub is found at a name or an address, and written with its port without doubt")
    func hosts() throws {
        #expect(try hub("hub.example").host == .name("hub.example"))
        #expect(try hub("hub.example").place == "hub.example:5560")
        #expect(try hub("[2001:db8::7]").place == "[2001:db8::7]:5560")
        #expect(try hub("192.0.2.7").place == "192.0.2.7:5560")
    }

    @Test(
        "a host with a port, a scheme or a stray character is refused, and so is a link-local one without its interface",
        arguments: [
            ("hub.example:5560", "without tcp:// and port"), ("tcp://hub.example", "without tcp:// and port"),
            ("[::1]:5560", "without tcp:// and port"), ("", "without tcp:// and port"),
            ("hub example", "without tcp:// and port"), ("fe80::1", "must name the interface too"),
        ])
    func wrongHosts(host: String, rule: String) {
        #expect {
            _ = try hub(host)
        } throws: { "\($0)".contains(rule) }
    }

    private struct Known: Decodable {
        var hub: HubList
    }

    private func hubs(_ text: String) throws -> [String] {
        try TOMLDocument(text: Array(text.utf8), file: "post.toml").decode(Known.self).hub.all.map(\.place)
    }

    @Test("one hub is a table, several are a list of them, in their order")
    func lists() throws {
        #expect(try hubs("[hub]\nhost = 'a.example'\nkey = 'a.pub'\n") == ["a.example:5560"])
        let two =
            "[[hub]]\nhost = 'b.example'\nkey = 'b.pub'\n[[hub]]\nhost = '192.0.2.7'\ncontrol = 7\nkey = 'a.pub'\n"
        #expect(try hubs(two) == ["b.example:5560", "192.0.2.7:7"])
    }

    @Test(
        "a wrong list of hubs is refused with the place",
        arguments: [
            ("hub = []", "post.toml:1: hub: must be from 1 to 16 hubs"),
            (
                "[[hub]]\nhost = 'a'\nkey = 'a.pub'\n[[hub]]\nhots = 'b'\nkey = 'b.pub'",
                "post.toml:5: hub[1].hots: unknown key; did you mean hub[1].host?"
            ), ("[[hub]]\nhost = 'a'", "post.toml:1: hub[0].key: missing"),
            ("hub = 7", "post.toml:1: hub: must be"),
        ])
    func wrongLists(text: String, words: String) {
        #expect { _ = try hubs(text) } throws: { "\($0)".hasPrefix(words) }
    }
}
