import Dispatch
import Glibc

/// Ctrl-C and SIGTERM. A signal may interrupt anything, so all that its handler does is write to a pipe; whoever reads
/// there may do what it likes.
enum Interruption {
    private static let numbers = [SIGINT, SIGTERM]

    /// What is written to and what is read from. Empty if the system has no pipe left: then a signal just ends the
    /// process.
    private static let pipe: [Int32] = {
        var ends: [Int32] = [-1, -1]
        return Glibc.pipe(&ends) == 0 ? [ends[1], ends[0]] : []
    }()

    /// Calls `handler` at the first signal. A second one ends the process at once.
    static func onFirst(_ handler: @escaping @Sendable () -> Void) {
        if pipe.isEmpty { return }
        DispatchQueue.global().async {
            var byte: UInt8 = 0
            while read(pipe[1], &byte, 1) != 1 {}
            for number in numbers { signal(number, SIG_DFL) }
            handler()
        }
        for number in numbers {
            signal(number) { _ in
                var byte: UInt8 = 0
                _ = write(Interruption.pipe[0], &byte, 1)
            }
        }
    }
}
