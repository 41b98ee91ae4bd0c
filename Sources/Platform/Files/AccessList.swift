internal import CLinux
internal import Glibc

/// A file's access control list (acl(5)), as the kernel hands it out: a version, then entries of eight bytes.
///
/// By hand: libacl would be one more library in every program, and give the same entries through more calls than this has
/// lines. A list comes from the kernel, in a format that can't change; anything else names no reader.
///
/// Permission bits alone don't tell who may read a file that has one: its group bits are then the list's mask.
package struct AccessList {
    private static let attribute = "system.posix_acl_access"
    private static let version: UInt32 = 2
    private static let headerLength = 4
    private static let entryLength = 8
    /// Bytes, at most: some hundred entries. A file with a longer list is open to many, whatever it says.
    private static let longest = 1_024
    private static let read: UInt16 = 4

    private enum Tag {
        static let owner: UInt16 = 0x01
        static let user: UInt16 = 0x02
        static let mask: UInt16 = 0x10
    }

    /// The one user, beside the owner, whom the list lets read and do nothing else, while it gives no group and no others
    /// anything; nil when that is not what it says.
    package var soleReader: UInt32?

    /// - bytes: the value of the attribute.
    package init(_ bytes: [UInt8]) {
        guard bytes.count >= AccessList.headerLength,
            (bytes.count - AccessList.headerLength) % AccessList.entryLength == 0,
            AccessList.number(bytes, at: 0, length: 4) == AccessList.version
        else { return }
        var reader: UInt32?
        for start in stride(from: AccessList.headerLength, to: bytes.count, by: AccessList.entryLength) {
            let tag = UInt16(truncatingIfNeeded: AccessList.number(bytes, at: start, length: 2))
            let permissions = UInt16(truncatingIfNeeded: AccessList.number(bytes, at: start + 2, length: 2))
            switch tag {
            case Tag.owner, Tag.mask: continue
            case Tag.user where permissions == AccessList.read && reader == nil:
                reader = AccessList.number(bytes, at: start + 4, length: 4)
            default: guard permissions == 0 else { return }
            }
        }
        soleReader = reader
    }

    /// Of an open file; nil when it has none.
    init?(of descriptor: Int32) {
        var bytes = [UInt8](repeating: 0, count: AccessList.longest)
        let count = fgetxattr(descriptor, AccessList.attribute, &bytes, bytes.count)
        guard count > 0 else { return nil }
        self.init(Array(bytes[..<count]))
    }

    private static func number(_ bytes: [UInt8], at start: Int, length: Int) -> UInt32 {
        bytes[start..<start + length].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
