internal import Glibc

/// A small process that removes the testbed's directory once we have let go of it: by ``close()``, or by dying, however that
/// happens. What is mounted in the directory is unmounted first. It holds the reading end of a pipe whose writing end only we have.
final class Keeper: Sendable {
    /// Tries, a tenth of a second apart: processes that die with us may still be writing.
    private static let script = """
        trap '' INT TERM HUP; read -r _; n=0
        while read -r _ place _; do
            case $place in "$1"/*) umount -l "$place" ;; esac
        done </proc/mounts
        until rm -rf -- "$1" || [ $n -ge 50 ]; do n=$((n + 1)); sleep 0.1; done
        """

    private let number: Int32
    private let input: InputPipe
    private let descriptors: [Int32]

    init(directory: String) throws(TestbedError) {
        var plan = SpawnPlan(
            program: "/bin/sh", arguments: ["-c", Keeper.script, "keeper", directory], input: .pipe,
            environment: [:])
        plan.diesWithThread = false
        let spawned = try plan.spawn()
        guard let descriptor = spawned.input else { throw TestbedError("the keeper has no input") }
        number = spawned.number
        input = InputPipe(descriptor)
        descriptors = [spawned.output, spawned.talk]
    }

    /// Returns when the directory is gone. Call once.
    func close() {
        input.close()
        var status: Int32 = 0
        while waitpid(number, &status, 0) < 0, errno == EINTR {}
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }
}
