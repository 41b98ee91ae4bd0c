internal import Glibc

/// Files that come with the programs.
extension Files {
    /// The running program's own file, by proc(5); empty where that is not mounted.
    public static var runningProgram: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "" }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Where such a file or directory is: where an installed system has it, else in a working tree that holds the program.
    /// - tree: its path in a tree, e.g. `config/provinces.toml`. program: in one of the directories above it a tree may begin.
    /// - Returns: nil where it is in neither.
    public static func installed(
        _ system: String, orInTree tree: String, above program: String = Files.runningProgram
    ) throws(FileError) -> String? {
        if try facts(of: system) != nil { return system }
        var directory = program
        while directory != "/", !directory.isEmpty {
            directory = Files.directory(of: directory)
            let candidate = path(tree, from: directory)
            if try facts(of: candidate) != nil { return candidate }
        }
        return nil
    }
}
