internal import CLinux
internal import Glibc

/// Whether so many descriptors could be opened now. Another thread may take them the next moment.
public func areDescriptorsFree(_ count: Int) -> Bool {
    var taken: [Int32] = []
    defer { for descriptor in taken { close(descriptor) } }
    for _ in 0..<count {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { return false }
        taken.append(descriptor)
    }
    return true
}
