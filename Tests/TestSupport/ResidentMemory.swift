import Foundation
import Glibc

/// What of this process is in memory now, and was at most. Other threads' share is in it.
public enum ResidentMemory {
    /// Bytes resident now.
    public static func now() throws -> Int { try field("VmRSS:") }

    /// The most bytes resident since the start or since ``forgetPeak()``.
    public static func peak() throws -> Int { try field("VmHWM:") }

    /// Makes ``peak()`` begin with what is resident now.
    public static func forgetPeak() throws {
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    }

    /// False under AddressSanitizer, which keeps what was given back.
    public static let isTelling = dlsym(nil, "__asan_init") == nil

    private static func field(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
    }
}
