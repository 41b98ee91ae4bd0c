import ProcessHarness

/// A small file system of its own, mounted over an empty directory of a testbed.
struct Volume: Sendable {
    let testbed: Testbed
    let directory: String
    /// The file that an ext4 volume is in; nil: a tmpfs.
    let image: String?

    /// An ext4 file system in a sparse file. What is not flushed to it stays in the kernel's memory for minutes, so that
    /// little gets there but what the programs flush.
    static func ext4(_ testbed: Testbed, on directory: String, megabytes: Int = 256) async throws -> Volume {
        let image = directory + ".ext4"
        let script = """
            set -e; truncate -s \(megabytes)M '\(image)'; mkfs.ext4 -q -F -E lazy_itable_init=0 '\(image)'
            mount -o loop,commit=300 '\(image)' '\(directory)'; chmod 0700 '\(directory)'
            """
        try await testbed.shell(script).expect(0, "make an ext4 file system")
        return Volume(testbed: testbed, directory: directory, image: image)
    }

    static func tmpfs(_ testbed: Testbed, on directory: String, megabytes: Int) async throws -> Volume {
        try await testbed.shell("mount -t tmpfs -o mode=0700,size=\(megabytes)M tmpfs '\(directory)'")
            .expect(0, "mount a tmpfs")
        return Volume(testbed: testbed, directory: directory, image: nil)
    }

    /// A copy of the image as it is, mounted elsewhere: what the disk holds when the power goes at this moment.
    ///
    /// - writers: are stopped meanwhile (SIGSTOP), which flushes nothing; what the kernel writes by itself shows in the
    ///   comparison, and the copy is made again.
    func cut(_ name: String, stopping writers: [Running]) async throws -> Volume {
        let copy = testbed.directory + "/" + name
        let script = """
            set -e; pids='\(writers.map { "\($0.number)" }.joined(separator: " "))'
            trap 'kill -CONT $pids' EXIT
            kill -STOP $pids
            for try in 1 2 3 4 5; do
                cp --sparse=always '\(image ?? "")' '\(copy).ext4'
                cmp -s '\(image ?? "")' '\(copy).ext4' && break
                [ $try -lt 5 ]
            done
            mkdir -p '\(copy)'; mount -o loop '\(copy).ext4' '\(copy)'
            """
        try await testbed.shell(script, within: .seconds(300)).expect(0, "copy a file system")
        return Volume(testbed: testbed, directory: copy, image: copy + ".ext4")
    }

    func remove() async throws {
        try await testbed.shell(
            "umount '\(directory)' && rm -f '\(image ?? "/dev/null/none")'; rmdir '\(directory)'; true"
        )
        .expect(0, "unmount")
    }

    /// Takes all the room that is left.
    func fill() async throws {
        let script = """
            cd '\(directory)'
            dd if=/dev/zero of=ballast bs=64k 2>/dev/null; dd if=/dev/zero of=ballast2 bs=1k 2>/dev/null
            true
            """
        try await testbed.shell(script).expect(0, "fill a file system")
    }

    /// How much of it is used, in words.
    func use() async throws -> String {
        let account = try await testbed.shell("df -m --output=used,size '\(directory)' | tail -n 1")
        let words = (account.output.first ?? "").split(separator: " ")
        return words.count == 2 ? "\(words[0]) of \(words[1]) MiB are used" : "\(account.talk)"
    }

    func free() async throws {
        try await testbed.shell("cd '\(directory)' && rm -f ballast ballast2").expect(0, "make room")
    }
}
