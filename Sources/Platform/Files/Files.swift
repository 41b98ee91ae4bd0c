internal import Glibc

/// Whole files, in and out. Blocking; from any thread.
public enum Files {
    /// Reads to the end. A file with more than `limit` bytes is refused, not cut. A named pipe or a device is refused too:
    /// a daemon would wait in it, whoever put it there.
    public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        try readWithFacts(path, limit: limit).bytes
    }

    /// The same of whatever stands there, such as a shell's `<(...)`: for what a person hands to a command.
    public static func readAnything(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let file = try Descriptor(opening: path, flags: O_RDONLY, operation: "read")
        defer { file.close() }
        guard try file.facts().kind != .directory else { throw file.error(EISDIR) }
        return try file.readAll(limit: limit)
    }

    /// Reads a file and says what it is: of the very file that was read, whatever happens to its name.
    public static func readWithFacts(
        _ path: String, limit: Int
    ) throws(FileError) -> (bytes: [UInt8], facts: FileFacts) {
        // O_NONBLOCK: opening a named pipe waits for who writes into it.
        let file = try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK, operation: "read")
        defer { file.close() }
        var facts = try file.facts()
        facts.soleReader = AccessList(of: file.number)?.soleReader
        guard facts.kind != .directory else { throw file.error(EISDIR) }
        guard facts.kind == .regular else {
            throw FileError(
                operation: "read", path: path, cause: "is a pipe or a device, not a plain file",
                remedy: "put a plain file there")
        }
        return (try file.readAll(limit: limit), facts)
    }

    /// Puts the bytes in place of whatever is there, all or nothing, also across a power cut: a temporary file beside it
    /// is written and synced, renamed over it, and the directory is synced (rename(2), fsync(2)).
    ///
    /// A file that is replaced passes on its owner and group, as far as the system lets the caller: so root can change a
    /// file that a service may read.
    /// - mode: permission bits, not narrowed by the umask.
    public static func writeAtomically(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644
    ) throws(FileError) {
        let temporary = "\(path).\(getpid()).tmp"
        // Ours, from a write that a crash cut off: in a container the service has the same number each time.
        unlink(temporary)
        var old = stat()
        let replaced = lstat(path, &old) == 0 ? (old.st_uid, old.st_gid) : nil
        try create(bytes, at: temporary, mode: mode, belonging: replaced)
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw FileError("replace", path, code)
        }
        try syncDirectory(of: path)
    }

    /// Makes a new file; one that is there is never touched (`O_EXCL`). After an error there is no file.
    /// - mode: permission bits, not narrowed by the umask.
    public static func create(
        _ bytes: [UInt8], at path: String, mode: UInt32
    ) throws(FileError) {
        try create(bytes, at: path, mode: mode, belonging: nil)
    }

    private static func create(
        _ bytes: [UInt8], at path: String, mode: UInt32, belonging owner: (user: uid_t, group: gid_t)?
    ) throws(FileError) {
        let file = try Descriptor(
            opening: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode & 0o600, operation: "create")
        do throws(FileError) {
            // Before any byte is in it, and whatever the umask is. The owner first: a change of it drops mode bits.
            if let owner { _ = fchown(file.number, owner.user, owner.group) }
            guard fchmod(file.number, mode_t(truncatingIfNeeded: mode & 0o7777)) == 0 else {
                throw file.error(errno)
            }
            try file.write(bytes)
            try file.sync()
            file.close()
        } catch {
            file.close()
            unlink(path)
            throw error
        }
    }

    /// Gives a finished file its name, durably; a name that is taken stays as it is (link(2), as rename(2) would replace).
    public static func place(_ temporary: String, at path: String) throws(FileError) {
        guard link(temporary, path) == 0 else { throw FileError("create", path, errno) }
        unlink(temporary)
        try syncDirectory(of: path)
    }

    /// Gives a file another name in the same file system, in place of whatever has it (rename(2)). Its entry is not yet durable.
    public static func move(_ path: String, to other: String) throws(FileError) {
        guard rename(path, other) == 0 else { throw FileError("rename", path, errno) }
    }

    /// Makes a directory, unless there is one.
    /// - mode: permission bits, narrowed by the umask.
    public static func makeDirectory(_ path: String, mode: UInt32) throws(FileError) {
        guard mkdir(path, mode_t(truncatingIfNeeded: mode & 0o7777)) != 0 else { return }
        let code = errno
        guard code == EEXIST else { throw FileError("create", path, code) }
        guard try facts(of: path)?.kind == .directory else { throw FileError("create", path, ENOTDIR) }
    }

    /// Adds bytes at a file's end, synced; a file that is not there is made.
    /// - mode: permission bits of a new one.
    public static func append(_ bytes: [UInt8], to path: String, mode: UInt32) throws(FileError) {
        let file = try Descriptor(
            opening: path, flags: O_WRONLY | O_APPEND | O_CREAT, mode: mode, operation: "write")
        defer { file.close() }
        try file.write(bytes)
        try file.sync()
    }

    /// Makes the entry of a path in its directory durable (a new, renamed or removed file's name).
    public static func syncDirectory(of path: String) throws(FileError) {
        let name = directory(of: path)
        let directory = try Descriptor(
            opening: name.isEmpty ? "." : name, flags: O_RDONLY | O_DIRECTORY, operation: "sync")
        defer { directory.close() }
        try directory.sync()
    }

    /// Run by root: makes the file its directory's owner's and group's, so that who owns the directory can use what root put
    /// there. Otherwise, and where there is no file, nothing. Only a plain file of root's with one name is given away: that
    /// user may have put another in its place meanwhile.
    public static func giveToOwner(ofDirectoryOf path: String) throws(FileError) {
        guard geteuid() == 0 else { return }
        let directory = directory(of: path)
        var owner = stat()
        guard stat(directory.isEmpty ? "." : directory, &owner) == 0 else {
            throw FileError("look at", directory, errno)
        }
        let file: Descriptor
        do throws(FileError) {
            file = try Descriptor(
                opening: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, operation: "give away")
        } catch {
            guard error.isMissing else { throw error }
            return
        }
        defer { file.close() }
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw file.error(errno) }
        if status.st_uid == owner.st_uid { return }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1, status.st_uid == 0 else {
            throw FileError(
                operation: "give away", path: path, cause: "is not what was put there: look who changed it")
        }
        guard fchown(file.number, owner.st_uid, owner.st_gid) == 0 else { throw file.error(errno) }
    }

    /// Refuses a directory for a daemon's files that others than its owner can write: they could replace any of them.
    /// One that is not there is not looked at.
    public static func expectPrivate(_ directory: String) throws(FileError) {
        guard let facts = try facts(of: directory), facts.kind == .directory else { return }
        let user = geteuid()
        if facts.mode & 0o022 != 0 {
            throw FileError(
                operation: "use", path: directory, code: EPERM,
                cause: "its mode 0\(String(facts.mode & 0o7777, radix: 8)) lets others change what is in it",
                remedy: "chmod go-w \(directory), after a look at what is there")
        }
        guard facts.owner == user || facts.owner == 0 || user == 0 else {
            throw FileError(
                operation: "use", path: directory, code: EPERM,
                cause: "it belongs to user \(facts.owner), not to user \(user), who runs this",
                remedy: "chown it, or run this as that user")
        }
    }

    /// Removes a name; one that is not there is no error.
    public static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path, errno) }
    }

    /// What stands at a path, symbolic links followed; nil when nothing does.
    public static func facts(of path: String) throws(FileError) -> FileFacts? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError("look at", path, errno)
        }
        return FileFacts(status)
    }

    /// The path without symbolic links; as it is where that can't be found out, so that using it tells why.
    public static func resolved(_ path: String) -> String {
        guard let name = realpath(path, nil) else { return path }
        defer { free(name) }
        return String(cString: name)
    }

    /// Whether the file system of a path that is there is mounted read-only (statvfs(3)).
    public static func isMountedReadOnly(_ path: String) -> Bool {
        var facts = statvfs()
        return statvfs(path, &facts) == 0 && facts.f_flag & UInt(ST_RDONLY) != 0
    }

    /// Names in a directory, sorted, without `.` and `..`.
    public static func names(in directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else { throw FileError("list", directory, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileError("list", directory, errno) }
        return names.sorted()
    }

    /// Everything before the last slash: empty for a bare name, `/` for one at the root.
    public static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A path as seen from a directory; an absolute one stays.
    public static func path(_ path: String, from directory: String) -> String {
        if path.hasPrefix("/") || directory.isEmpty { return path }
        return directory.hasSuffix("/") ? directory + path : directory + "/" + path
    }
}
