import Glibc

/// Writing to the standard streams, unbuffered: what was written is there for whoever reads the other end.
enum Output {
    /// One line on stdout. False when it could not be written.
    @discardableResult
    static func line(_ text: String) -> Bool {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// One line on stdout that is the whole point of the command.
    static func result(_ text: String) throws(CommandFailure) {
        if !line(text) { throw .failed("cannot write to stdout") }
    }

    /// One line on stderr, with the command's name before it.
    static func error(_ text: String) {
        write("peerctl: " + text + "\n", to: STDERR_FILENO)
    }

    /// Text on stderr as it is, for progress.
    static func progress(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    /// True when somebody watches stderr on a terminal.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                // That nobody reads any more is no failure.
                return errno == EPIPE
            }
        }
        return true
    }
}

/// Ends a command with a message and an exit code.
struct CommandFailure: Error {
    let message: String
    let exitCode: Int32

    /// A check that failed, a target that cannot be reached: exit code 1.
    static func failed(_ message: String) -> CommandFailure { CommandFailure(message: message, exitCode: 1) }
    /// Arguments that make no sense: exit code 2.
    static func usage(_ message: String) -> CommandFailure { CommandFailure(message: message, exitCode: 2) }
    /// Ctrl-C or SIGTERM: exit code 130.
    static let interrupted = CommandFailure(message: "interrupted", exitCode: 130)
}
