import Glibc
import PeerKit

/// A file, or stdin, read piece by piece.
struct InputFile: ~Copyable {
    private static let pieceByteCount = 256 << 10

    private let descriptor: Int32
    private let name: String
    private var buffer = [UInt8](repeating: 0, count: InputFile.pieceByteCount)

    /// Opens a path; `-` is stdin. A path that does not exist is a mistake in the command.
    init(_ path: String) throws(CommandFailure) {
        if path == "-" {
            descriptor = STDIN_FILENO
            name = "stdin"
            return
        }
        name = "'\(RemoteText.clean(path, limit: 4_096))'"
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            let code = errno
            let text = "cannot open \(name): \(SystemText.message(code))"
            throw [ENOENT, ENOTDIR, ENAMETOOLONG].contains(code) ? .usage(text) : .failed(text)
        }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Calls `body` with the next piece. False at the end of the file.
    mutating func withNextPiece(_ body: (RawSpan) throws -> Void) throws -> Bool {
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                try body(buffer.span.bytes.extracting(0..<count))
                return true
            }
            if count == 0 { return false }
            switch errno {
            case EINTR: break
            case EAGAIN:
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&wait, 1, -1)
            case let code: throw CommandFailure.failed("cannot read \(name): \(SystemText.message(code))")
            }
        }
    }
}
