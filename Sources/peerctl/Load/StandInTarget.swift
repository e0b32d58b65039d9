import Glibc
import PeerKit
import PeerLoop

/// A `peerctl serve` of our own, as a child process.
///
/// Its stdin is a pipe that only this process holds open: when this process ends, however it ends, the pipe closes and
/// the child ends with it. It is in a process group of its own, so that a Ctrl-C on the terminal reaches only the
/// parent, which then ends it in order.
final class StandInTarget: Sendable {
    let pid: pid_t
    let address: SocketAddress
    private let input: Int32
    private let output: Int32

    private init(pid: pid_t, address: SocketAddress, input: Int32, output: Int32) {
        self.pid = pid
        self.address = address
        self.input = input
        self.output = output
    }

    /// Starts the child and waits for its first line, which comes once its blocks are made. Blocks, until then or until
    /// `isInterrupted`.
    static func start(_ arguments: [String], isInterrupted: () -> Bool) throws -> StandInTarget {
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
            throw CommandFailure.failed("cannot start the stand-in node: \(String(cString: strerror(errno)))")
        }
        // Our ends must not be inherited, or the child itself would keep its stdin open.
        _ = fcntl(toChild[1], F_SETFD, FD_CLOEXEC)
        _ = fcntl(fromChild[0], F_SETFD, FD_CLOEXEC)
        let spawned = Result { try spawn(["peerctl", "serve"] + arguments, input: toChild[0], output: fromChild[1]) }
        // Before anything is read: as long as this process holds the child's end, the child's death is not seen.
        close(toChild[0])
        close(fromChild[1])
        let line = (try? spawned.get()).flatMap { _ in readLine(from: fromChild[0], isInterrupted: isInterrupted) }
        guard case .success(let pid) = spawned, let line, let address = address(in: line) else {
            close(toChild[1])
            close(fromChild[0])
            let status = wait(for: try spawned.get())
            if isInterrupted() { throw CommandFailure.interrupted }
            // The child has said on stderr, which is ours too, what is wrong with its arguments.
            if status == "exit code 2" { throw CommandFailure(message: "", exitCode: 2) }
            throw CommandFailure.failed("the stand-in node did not start (\(status))")
        }
        return StandInTarget(pid: pid, address: address, input: toChild[1], output: fromChild[0])
    }

    /// Ends the child and says how it ended when that was not in order. Blocks, at most a few seconds.
    func stop() -> String? {
        close(input)
        let status = Self.wait(for: pid)
        close(output)
        return status == "exit code 0" ? nil : status
    }

    /// How the child ended, `nil` while it runs.
    func earlyEnd() -> String? {
        // Asked without reaping, so that `stop` still can.
        var information = siginfo_t()
        let status = waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT)
        return status == 0 && information.si_signo == SIGCHLD ? "the stand-in node ended by itself" : nil
    }

    private static func spawn(_ arguments: [String], input: Int32, output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, input)
        posix_spawn_file_actions_addclose(&actions, output)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var mask = Interruption.unblockedMask()
        posix_spawnattr_setsigmask(&attributes, &mask)
        var pid = pid_t()
        var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        copies.append(nil)
        defer { for copy in copies { free(copy) } }
        let status = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, copies, environ)
        guard status == 0 else {
            throw CommandFailure.failed("cannot start the stand-in node: \(String(cString: strerror(status)))")
        }
        return pid
    }

    /// Waits for the end, with growing severity: in order, SIGTERM, SIGKILL.
    private static func wait(for pid: pid_t) -> String {
        for (attempts, signal) in [(2_000, SIGTERM), (1_000, SIGKILL), (1_000, SIGKILL)] {
            for _ in 0..<attempts {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid { return describe(status) }
                usleep(10_000)
            }
            kill(pid, signal)
        }
        return "it could not be ended"
    }

    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7f
        return signal == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(signal)"
    }

    private static func readLine(from descriptor: Int32, isInterrupted: () -> Bool) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4_096 {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 100) == 0 {
                if isInterrupted() { return nil }
                continue
            }
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return nil }
            if byte == 0x0a { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func address(in line: String) -> SocketAddress? {
        line.split(separator: " ").last.flatMap { try? SocketAddress(String($0)) }
    }
}
