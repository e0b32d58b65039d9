import Glibc

/// Lines on stdout, collected and written in large pieces.
///
/// Whoever reads may stop reading (`peerctl decode FILE | head`): that is told apart from a failure, and ends no
/// process by a signal.
struct LineOutput: ~Copyable {
    enum Failure: Error, Equatable {
        /// Nobody reads any more.
        case closed
        /// Writing failed with this error number.
        case failed(errno: Int32)
    }

    /// Written out once this much waits.
    private static let pieceByteCount = 256 << 10

    var lines = JSONWriter()

    /// Descriptors opened later must not take the place of a stdout that is not there.
    init() throws(CommandFailure) {
        signal(SIGPIPE, SIG_IGN)
        if fcntl(STDOUT_FILENO, F_GETFD) < 0 { throw .failed("stdout is closed; there is nowhere to write to") }
    }

    mutating func flushIfLarge() throws(Failure) {
        if lines.count >= Self.pieceByteCount { try flush() }
    }

    mutating func flush() throws(Failure) {
        defer { lines.removeAll() }
        try Self.write(lines.bytes)
    }

    /// Writes all of the bytes now.
    static func write(_ bytes: [UInt8]) throws(Failure) {
        var offset = 0
        while offset < bytes.count {
            let rest = bytes[offset...]
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                offset += count
            } else if errno == EAGAIN {
                // Somebody who shares the terminal or pipe made it non-blocking.
                var wait = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno == EPIPE {
                throw .closed
            } else if errno != EINTR {
                throw .failed(errno: errno)
            }
        }
    }
}

extension LineOutput.Failure {
    /// How a command ends that cannot write; `nil` where nobody reads any more, which is no failure of the command.
    var commandFailure: CommandFailure? {
        switch self {
        case .closed: nil
        case .failed(let number): .failed("cannot write to stdout: \(SystemText.message(number))")
        }
    }
}

/// The system's own words.
enum SystemText {
    /// The text of an error number, beginning in lower case so that it fits into a line.
    static func message(_ number: Int32) -> String {
        // Thread-safe in every glibc since 2.32.
        guard let text = strerror(number) else { return "error \(number)" }
        let words = String(cString: text)
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}
