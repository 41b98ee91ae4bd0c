internal import JSON

extension Section {
    mutating func source() -> Source? {
        guard var source = section("source") else { return nil }
        let sender = source.string("sender", required: true)
        let digest = source.string("digest", required: true)
        if let sender, !Source.isSender(sender) {
            source.report(
                "sender",
                "not a domain or a URN of 1 to \(Source.longestSender) of a-z, 0-9, -, . and :, with a letter first and no long number"
            )
        }
        if let digest, !Source.isDigest(digest) {
            source.report("digest", "not \(2 * Source.digestLength) hexadecimal digits in lower case")
        }
        source.end()
        guard let sender, let digest else { return nil }
        return Source(sender: sender, digest: digest)
    }
}
