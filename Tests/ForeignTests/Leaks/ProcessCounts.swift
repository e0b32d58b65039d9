import Foundation
import TestSupport

/// What this process holds of the system.
struct ProcessCounts: Sendable, Equatable, CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    let residentBytes: Int

    static func now() throws -> ProcessCounts {
        let files = FileManager.default
        return ProcessCounts(
            descriptors: try files.contentsOfDirectory(atPath: "/proc/self/fd").count,
            threads: try files.contentsOfDirectory(atPath: "/proc/self/task").count,
            residentBytes: try ResidentMemory.now())
    }

    var description: String {
        "\(descriptors) descriptors, \(threads) threads, \(residentBytes >> 10) KiB resident"
    }
}
