import Glibc
import Stage

/// Mounts of our own: in a mount namespace that nobody else sees, which the kernel takes down, mounts, loop devices and
/// all, when the last of our processes ends, however it ends.
enum Privacy {
    private static let mark = "BORDERWIRE_FAULTS_APART"

    /// Whether ``enter()`` has succeeded, so that file systems can be mounted.
    static var isEntered: Bool { getenv(mark) != nil }

    /// Starts this program again inside (unshare(1)), if it is root's. Returns where that is not possible.
    static func enter() {
        guard !isEntered, geteuid() == 0, let programs = try? BuiltTree.programs else { return }
        setenv(mark, "1", 1)
        let words =
            ["unshare", "--mount", "--propagation", "private", programs + "/borderwire-faults"]
            + CommandLine.arguments.dropFirst()
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        execvp("unshare", pointers)
        // Not installed, or not allowed: we go on outside.
        unsetenv(mark)
    }
}
