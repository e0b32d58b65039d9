import Foundation
public import Glibc

/// A program as a child of the test: its input, output, signals and end, each waited for with a bound.
///
/// The child never outlives this value: it is killed, and waited for, when the value goes. Not thread-safe; calls
/// block.
public final class ChildProcess {
    /// How long one call may take: generous, because a loaded machine is slow, and never reached when all is well.
    public static let patience = Duration.seconds(60)

    /// How a child ended, with all it wrote that was not read as a line before.
    public struct Outcome {
        /// The exit code; `nil` when a signal ended it.
        public let exitCode: Int32?
        /// The signal that ended it.
        public let signal: Int32?
        /// What came on stdout and was not read as a line before.
        public let output: [UInt8]
        /// What came on stderr.
        public let errors: String

        /// What came on stdout as text.
        public var text: String { String(decoding: output, as: UTF8.self) }
        /// The lines of stdout that are not empty.
        public var lines: [String] { text.split(separator: "\n").map(String.init) }
        /// The lines of stderr, empty ones too.
        public var errorLines: [String] {
            errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// A child that did not start, did not end or did not say what it should have.
    public struct Failure: Error, CustomStringConvertible {
        /// One line.
        public let description: String

        /// A failure that says so.
        public init(description: String) {
            self.description = description
        }
    }

    /// The child's process number.
    public let pid: pid_t
    private let name: String
    private var input: ChildPipe
    private var output: ChildPipe
    private var errors: ChildPipe
    private var unwritten: ArraySlice<UInt8>
    private var endsInput: Bool
    private var status: Int32?

    /// Starts a program, by its path, with arguments. `input` is what it reads on stdin, which ends after it; with
    /// `nil` stdin stays open, and empty, until ``closeInput()``. `name` is what failures call it.
    public init(program words: [String], input bytes: [UInt8]? = [], name: String) throws {
        self.name = name
        // A child that does not read its input must not end the tests.
        signal(SIGPIPE, SIG_IGN)
        (pid, input, output, errors) = try Self.starting.withLock {
            let ends = (try ChildPipe.Ends(), try ChildPipe.Ends(), try ChildPipe.Ends())
            let pid = try Self.spawn(words, [ends.0.reading, ends.1.writing, ends.2.writing])
            return (pid, ends.0.keepWriting(), ends.1.keepReading(), ends.2.keepReading())
        }
        unwritten = (bytes ?? [])[...]
        endsInput = bytes != nil
        if unwritten.isEmpty, endsInput { input.close() }
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            _ = waitForEnd(until: .now + Self.patience)
        }
        input.close()
        output.close()
        errors.close()
    }

    /// The next line of stdout, without its end. Throws when the child ends, or time runs out, before there is one.
    public func line() throws -> String {
        let end = ContinuousClock.now + Self.patience
        while true {
            if let newline = output.bytes.firstIndex(of: 0x0a) {
                let line = String(decoding: output.bytes[..<newline], as: UTF8.self)
                output.bytes.removeFirst(newline + 1)
                return line
            }
            guard output.isOpen, ContinuousClock.now < end else {
                throw Failure(description: "no line from \(name); stderr: \(errors.text)")
            }
            pump(until: end)
        }
    }

    /// Sends a signal, unless the child was seen to end.
    public func send(signal number: Int32) {
        if status == nil { kill(pid, number) }
    }

    /// Adds to what the child reads on stdin.
    public func write(_ bytes: [UInt8]) {
        unwritten.append(contentsOf: bytes)
    }

    /// Ends stdin once all that was written is through.
    public func closeInput() {
        endsInput = true
        if unwritten.isEmpty { input.close() }
    }

    /// Stops reading the child's stdout, as `head` does.
    public func closeOutput() {
        output.close()
    }

    /// Waits for the end. Throws, and kills the child, when it does not come.
    public func finish() throws -> Outcome {
        let end = ContinuousClock.now + Self.patience
        while output.isOpen || errors.isOpen, ContinuousClock.now < end { pump(until: end) }
        guard waitForEnd(until: end), let status else {
            kill(pid, SIGKILL)
            throw Failure(description: "\(name) did not end; stdout: \(output.text.prefix(500)) stderr: \(errors.text)")
        }
        // As WIFEXITED and its like have it.
        let signal = status & 0x7f
        return Outcome(
            exitCode: signal == 0 ? status >> 8 & 0xff : nil, signal: signal == 0 ? nil : signal, output: output.bytes,
            errors: errors.text)
    }

    /// Waits until the pipe of stdout is all but full.
    public func waitUntilOutputIsStuck() {
        let end = ContinuousClock.now + Self.patience
        let capacity: Int32 = 65_536
        var waiting: Int32 = 0
        while waiting < capacity - 8_192, ContinuousClock.now < end {
            if ioctl(output.number, UInt(FIONREAD), &waiting) != 0 { return }
            poll(nil, 0, 2)
        }
    }

    /// Waits for the end and reads nothing meanwhile: a child whose output is stuck has to end all the same.
    public func finishUnread() throws -> Outcome {
        guard waitForEnd(until: .now + Self.patience) else {
            throw Failure(description: "\(name) does not end while its output is not read")
        }
        return try finish()
    }

    /// Moves what can be moved through the pipes, or waits until something can.
    private func pump(until end: ContinuousClock.Instant) {
        var entries = [
            pollfd(fd: output.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: unwritten.isEmpty ? -1 : input.number, events: Int16(POLLOUT), revents: 0),
        ]
        let left = ContinuousClock.now.duration(to: end).components.seconds
        poll(&entries, nfds_t(entries.count), Int32(max(1, min(left * 1_000, 60_000))))
        if entries[0].revents != 0 { output.read() }
        if entries[1].revents != 0 { errors.read() }
        if entries[2].revents != 0 {
            input.write(&unwritten)
            if unwritten.isEmpty, endsInput { input.close() }
        }
    }

    /// The end follows the end of its output at once, so that looking again and again is not for long.
    private func waitForEnd(until end: ContinuousClock.Instant) -> Bool {
        while status == nil {
            var number: Int32 = 0
            let result = waitpid(pid, &number, WNOHANG)
            if result == pid { status = number }
            if result < 0, errno != EINTR { return false }
            if status == nil {
                if ContinuousClock.now >= end { return false }
                poll(nil, 0, 2)
            }
        }
        return true
    }
}

// MARK: - Starting

extension ChildProcess {
    /// Held from the making of pipes until they are closed on exec: one that another child inherits would not end.
    private static let starting = NSLock()

    /// Starts a program whose first descriptors are the given ones. It has no others: all here are closed on exec.
    private static func spawn(_ arguments: [String], _ descriptors: [Int32]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (place, number) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, number, Int32(place))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process ignores or blocks is no matter of the child's.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, arguments[0], &actions, &attributes, &words, environ)
        for number in descriptors { Glibc.close(number) }
        if code != 0 { throw Failure(description: "cannot start \(arguments[0]): \(String(cString: strerror(code)))") }
        return pid
    }
}

/// This process's end of a pipe to or from a child, with what was read from it.
private struct ChildPipe {
    /// Both ends of a new pipe. No other child inherits them, or the end of the pipe would not be seen.
    struct Ends {
        let reading: Int32
        let writing: Int32

        init() throws {
            var numbers: [Int32] = [-1, -1]
            guard pipe(&numbers) == 0 else {
                throw ChildProcess.Failure(description: "pipe: \(String(cString: strerror(errno)))")
            }
            for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
            (reading, writing) = (numbers[0], numbers[1])
        }

        func keepReading() -> ChildPipe { ChildPipe(number: reading) }

        func keepWriting() -> ChildPipe {
            _ = fcntl(writing, F_SETFL, O_NONBLOCK)
            return ChildPipe(number: writing)
        }
    }

    private(set) var number: Int32
    var bytes: [UInt8] = []

    init(number: Int32) {
        self.number = number
    }

    var isOpen: Bool { number >= 0 }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func close() {
        if number >= 0 { Glibc.close(number) }
        number = -1
    }

    mutating func read() {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(number, &piece, piece.count)
        if count > 0 {
            bytes += piece[..<count]
        } else if count == 0 || errno != EINTR {
            close()
        }
    }

    mutating func write(_ bytes: inout ArraySlice<UInt8>) {
        let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
        if count > 0 {
            bytes.removeFirst(count)
        } else if errno != EINTR, errno != EAGAIN {
            // The child reads no more.
            bytes = []
            close()
        }
    }
}
