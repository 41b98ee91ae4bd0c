internal import CZstd

/// Compression of single messages by zstd (RFC 8878), with a dictionary that both sides have. From any thread.
public enum Zstandard {
    /// Higher ones gain some bytes of a hundred, and take several times as long.
    static let level: Int32 = 9

    /// - dictionary: of raw content, whose sequences of bytes are found again in what is compressed.
    /// - Returns: nil where the library can't, which is where memory is short.
    public static func compress(_ bytes: [UInt8], dictionary: [UInt8]) -> [UInt8]? {
        guard let context = ZSTD_createCCtx() else { return nil }
        defer { ZSTD_freeCCtx(context) }
        let bound = ZSTD_compressBound(bytes.count)
        var isGood = false
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            let size = bytes.withUnsafeBytes { source in
                dictionary.withUnsafeBytes { words in
                    ZSTD_compress_usingDict(
                        context, buffer.baseAddress, bound, source.baseAddress, source.count,
                        words.baseAddress, words.count, level)
                }
            }
            isGood = ZSTD_isError(size) == 0
            count = isGood ? size : 0
        }
        return isGood ? compressed : nil
    }

    /// - limit: bytes of the result at the most; no more memory is taken for it, whatever the bytes say.
    /// - Returns: nil for what is no zstd, is cut short, was made with another dictionary, or is longer.
    public static func decompress(_ bytes: [UInt8], dictionary: [UInt8], limit: Int) -> [UInt8]? {
        guard let context = ZSTD_createDCtx() else { return nil }
        defer { ZSTD_freeDCtx(context) }
        var isGood = false
        let plain = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let size = bytes.withUnsafeBytes { source in
                dictionary.withUnsafeBytes { words in
                    ZSTD_decompress_usingDict(
                        context, buffer.baseAddress, limit, source.baseAddress, source.count,
                        words.baseAddress, words.count)
                }
            }
            isGood = ZSTD_isError(size) == 0
            count = isGood ? size : 0
        }
        return isGood ? plain : nil
    }
}
