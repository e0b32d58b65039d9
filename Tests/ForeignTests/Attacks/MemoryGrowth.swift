import PeerKit
import TestSupport
import Testing

/// How much more of this process is resident while something goes on. The attacker is a process of its own, so that
/// its memory is not counted.
struct MemoryGrowth: Sendable, CustomStringConvertible {
    /// At most, while it went on.
    let peak: Int
    /// When it was over.
    let atEnd: Int

    var description: String { "\(peak >> 10) KiB more at most, \(atEnd >> 10) KiB more at the end" }

    /// Measures `body`, which does its work once before, so that what is made only once is not counted.
    static func measure(_ body: () async throws -> Void) async throws -> MemoryGrowth {
        try ResidentMemory.forgetPeak()
        let before = try ResidentMemory.now()
        try await body()
        return MemoryGrowth(peak: try ResidentMemory.peak() - before, atEnd: try ResidentMemory.now() - before)
    }

    /// Says the figure, and that it must be below a limit in bytes.
    func expect(below limit: Int, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
        print("\(what): \(self), of \(limit >> 10) KiB allowed")
        #expect(peak < limit || !ResidentMemory.isTelling, "\(what): \(self)", sourceLocation: sourceLocation)
    }
}
