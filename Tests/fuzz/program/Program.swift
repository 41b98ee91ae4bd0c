internal import Fuzzing
internal import Glibc

// DECODER=NAME borderwire-fuzz [OPTION OF LIBFUZZER | DIRECTORY]... (llvm.org/docs/LibFuzzer.html). In the environment, since
// libFuzzer starts the program again with arguments of its own when it merges.
// DECODER=NAME borderwire-fuzz longest: says how long its inputs should be at most.

private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private let decoder: FuzzedDecoder = {
    let name = getenv("DECODER").map { String(cString: $0) } ?? ""
    guard let decoder = FuzzedDecoder(rawValue: name) else {
        say("DECODER must be one of \(FuzzedDecoder.allCases.map(\.rawValue).joined(separator: " "))")
        exit(64)
    }
    return decoder
}()

/// The package manager makes this the program's main function; libFuzzer's own, which takes its place elsewhere, does the
/// same.
@_cdecl("borderwire_fuzz_main")
public func start(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    if count == 2, let first = arguments?[1], strcmp(first, "longest") == 0 {
        print(decoder.longest)
        return 0
    }
    _ = decoder
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments) { start, length in
        let bytes = Array(UnsafeBufferPointer(start: start, count: length))
        if let complaint = decoder.complaint(about: bytes) {
            say("borderwire-fuzz: \(decoder.rawValue): \(complaint)")
            abort()
        }
        return 0
    }
}

private func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
