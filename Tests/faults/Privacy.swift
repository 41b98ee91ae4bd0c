import Glibc
import ProcessHarness

/// Mounts and network links of our own: in namespaces that nobody else sees, which the kernel takes down, mounts, loop devices,
/// links and all, when the last of our processes ends, however it ends.
enum Privacy {
    private static let mark = "BORDERWIRE_FAULTS_APART"

    /// Starts the program that follows inside, where that is possible, and outside where it is not.
    private static let script = """
        if unshare --mount --net ip link set lo up 2>/dev/null; then
            export \(mark)=yes
            exec unshare --mount --net --propagation private sh -c 'ip link set lo up; exec "$@"' sh "$@"
        fi
        export \(mark)=no
        exec "$@"
        """

    /// Whether ``enter()`` has succeeded, so that file systems can be mounted and links be made.
    static var isEntered: Bool { getenv(mark).map { String(cString: $0) } == "yes" }

    /// Starts this program again inside (unshare(1)), if it is root's. Returns where that was tried, or can't be.
    static func enter() {
        guard getenv(mark) == nil, geteuid() == 0, let programs = try? BuiltTree.programs else { return }
        let words =
            ["sh", "-c", script, "sh", programs + "/borderwire-faults"] + CommandLine.arguments.dropFirst()
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        execv("/bin/sh", pointers)
    }
}
