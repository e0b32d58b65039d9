import Glibc

/// Lines on stdout by the ten thousand, written in large pieces. Once nobody reads, the rest is thrown away.
final class TraceOutput {
    private static let pieceByteCount = 256 << 10

    private var bytes: [UInt8] = []
    private(set) var failure: LineOutput.Failure?

    init() {
        signal(SIGPIPE, SIG_IGN)
    }

    func add(_ line: String) {
        bytes.append(contentsOf: line.utf8)
        bytes.append(0x0a)
        if bytes.count >= Self.pieceByteCount { flush() }
    }

    func flush() {
        defer { bytes.removeAll(keepingCapacity: true) }
        guard failure == nil else { return }
        do throws(LineOutput.Failure) {
            try LineOutput.write(bytes)
        } catch {
            failure = error
        }
    }
}
