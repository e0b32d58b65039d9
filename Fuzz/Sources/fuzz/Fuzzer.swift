import CFuzzer
import FuzzBodies
import Glibc

/// Gives libFuzzer's inputs to the body of one target.
enum Fuzzer {
    /// Memory may be so many times the input, and so many bytes more.
    static let bytesPerInputByte = 64
    static let freeBytes = 1 << 20

    /// Names the target in the environment: the runs that libFuzzer starts by itself, as to merge, know it by that.
    static let variable = "PEERKIT_FUZZ_TARGET"
    static let target = getenv(variable).flatMap { FuzzTarget(rawValue: String(cString: $0)) }

    static func check(_ input: [UInt8]) {
        guard let target else { return }
        run(target, input)
        // What stays may be made once and kept; what stays again and again is lost.
        var tries = 0
        while cfuzzer_live() > 0 {
            tries += 1
            if tries == 4 { cfuzzer_fail("\(target.rawValue): \(cfuzzer_live()) bytes are never freed") }
            run(target, input)
        }
    }

    private static func run(_ target: FuzzTarget, _ input: [UInt8]) {
        cfuzzer_reset()
        let count: Int
        do {
            count = try target.run(input)
        } catch {
            cfuzzer_fail("\(target.rawValue): \(error)")
        }
        let limit = bytesPerInputByte * count + freeBytes
        let (peak, largest) = (Int(cfuzzer_peak()), Int(cfuzzer_largest()))
        if peak > limit || largest > limit {
            cfuzzer_fail("\(target.rawValue): \(peak) bytes live, \(largest) in one, for an input of \(count)")
        }
    }
}
