import CSHA256
import Foundation
import Testing

@Suite("Hashes of many messages against swift-crypto")
struct ManyTests {
    /// What stands behind the digests, to see that nothing is written there.
    private static let guardBytes = [UInt8](repeating: 0xa5, count: 40)

    private static func digests(_ count: Int, _ fill: (UnsafeMutablePointer<UInt8>?) -> Void) -> [Digest]? {
        var space = [UInt8](repeating: 0x5a, count: 32 * count) + guardBytes
        space.withUnsafeMutableBufferPointer { fill($0.baseAddress) }
        guard space.suffix(guardBytes.count).elementsEqual(guardBytes) else { return nil }
        return (0..<count).map { Digest(space[32 * $0..<32 * $0 + 32]) }
    }

    private static func ofEqualLength(
        _ path: HashPath, _ bytes: [UInt8], stride: Int, length: Int, count: Int
    ) -> [Digest]? {
        digests(count) { digests in
            bytes.withUnsafeBytes {
                path.doubleHashes($0, stride: stride, length: length, count: count, into: digests)
            }
        }
    }

    private static func ofRanges(_ path: HashPath, _ bytes: [UInt8], starts: [UInt32]) -> [Digest]? {
        digests(starts.count - 1) { digests in
            bytes.withUnsafeBytes { path.doubleHashes($0, starts: starts, into: digests) }
        }
    }

    @Test(
        "Messages of one length, of every length of a few blocks, odd and even in number", arguments: HashPath.allCases)
    func everyLength(path: HashPath) {
        var generator = SeededGenerator(seed: 21)
        let bytes = generator.bytes(5 * 600)
        var wrong: [String] = []
        for length in 0...600 {
            let count = length % 5 + 1
            let expected = (0..<count).map { Oracle.doubleHash(Array(bytes[length * $0..<length * ($0 + 1)])) }
            if Self.ofEqualLength(path, bytes, stride: length, length: length, count: count) != expected {
                wrong.append("\(count) of \(length)")
            }
        }
        #expect(wrong == [])
    }

    @Test("Headers in a payload with a byte between them, and other strides", arguments: HashPath.allCases)
    func strides(path: HashPath) {
        var generator = SeededGenerator(seed: 22)
        let bytes = generator.bytes(3_000)
        var wrong: [String] = []
        // The last two overlap: the same bytes are part of several messages.
        for (length, stride) in [(80, 81), (80, 80), (64, 100), (3, 90), (120, 140), (80, 1), (80, 0)] {
            for count in 0...9 {
                let expected = (0..<count).map { Oracle.doubleHash(Array(bytes[stride * $0..<stride * $0 + length])) }
                if Self.ofEqualLength(path, bytes, stride: stride, length: length, count: count) != expected {
                    wrong.append("\(count) of \(length), \(stride) apart")
                }
            }
        }
        #expect(wrong == [])
    }

    @Test("Messages of random lengths end to end", arguments: HashPath.allCases, [0, 1, 55, 64, 70, 130, 500, 2_000])
    func ranges(path: HashPath, longest: Int) {
        var generator = SeededGenerator(seed: 23 + UInt64(longest))
        var wrong: [String] = []
        for count in (0...9).flatMap({ [$0, $0, $0, $0] }) + [100] {
            var starts = [UInt32.random(in: 0...20, using: &generator)]
            for _ in 0..<count {
                starts.append(starts[starts.count - 1] + .random(in: 0...UInt32(longest), using: &generator))
            }
            let bytes = generator.bytes(Int(starts[count]))
            let expected = zip(starts, starts.dropFirst()).map { Oracle.doubleHash(Array(bytes[Int($0)..<Int($1)])) }
            if Self.ofRanges(path, bytes, starts: starts) != expected {
                wrong.append("\(starts)")
            }
        }
        #expect(wrong == [])
    }

    /// Where one message ends and the other goes on is where the two streams part.
    @Test("Two messages of every two lengths", arguments: HashPath.allCases)
    func everyTwoLengths(path: HashPath) {
        var generator = SeededGenerator(seed: 24)
        let bytes = generator.bytes(400)
        let first = (0...200).map { Oracle.doubleHash(Array(bytes[..<$0])) }
        let second = (0...200).map { Oracle.doubleHash(Array(bytes[200..<200 + $0])) }
        var wrong: [String] = []
        for long in 0...200 {
            // The second message begins at 200; what lies between is a third.
            for other in stride(from: long % 7, through: 200, by: 7) {
                let starts = [0, UInt32(long), 200, 200 + UInt32(other)]
                let digests = Self.ofRanges(path, bytes, starts: starts)
                if digests?[0] != first[long] || digests?[2] != second[other] {
                    wrong.append("\(long) and \(other)")
                }
            }
        }
        #expect(wrong == [])
    }

    @Test("Merkle levels in place", arguments: HashPath.allCases)
    func inPlace(path: HashPath) {
        var generator = SeededGenerator(seed: 25)
        var wrong: [Int] = []
        for pairs in 0...17 {
            let bytes = generator.bytes(64 * pairs)
            let expected = (0..<pairs).flatMap { Oracle.doubleHash(Array(bytes[64 * $0..<64 * $0 + 64])) }
            var level = bytes
            level.withUnsafeMutableBytes { level in
                path.doubleHashes(
                    UnsafeRawBufferPointer(level), stride: 64, length: 64, count: pairs,
                    into: level.assumingMemoryBound(to: UInt8.self).baseAddress)
            }
            // Behind the new level the old one stays.
            if !level.starts(with: expected) || level.dropFirst(32 * pairs) != bytes.dropFirst(32 * pairs) {
                wrong.append(pairs)
            }
        }
        #expect(wrong == [])
    }

    @Test("In place at any stride from 32 on", arguments: HashPath.allCases)
    func inPlaceAtOtherStrides(path: HashPath) {
        var generator = SeededGenerator(seed: 26)
        var wrong: [String] = []
        for stride in 32...100 {
            for length in [0, 31, stride, 2 * stride, 200] {
                let bytes = generator.bytes(8 * stride + length)
                let expected = (0..<8).flatMap { Oracle.doubleHash(Array(bytes[stride * $0..<stride * $0 + length])) }
                var space = bytes
                space.withUnsafeMutableBytes { space in
                    path.doubleHashes(
                        UnsafeRawBufferPointer(space), stride: stride, length: length, count: 8,
                        into: space.assumingMemoryBound(to: UInt8.self).baseAddress)
                }
                if !space.starts(with: expected) { wrong.append("\(length), \(stride) apart") }
            }
        }
        #expect(wrong == [])
    }

    @Test("Of no messages nothing is touched", arguments: HashPath.allCases)
    func none(path: HashPath) {
        path.doubleHashes(UnsafeRawBufferPointer(start: nil, count: 0), stride: 80, length: 80, count: 0, into: nil)
        path.doubleHashes(UnsafeRawBufferPointer(start: nil, count: 0), starts: [7], into: nil)
        #expect(Self.ofRanges(path, [], starts: [0, 0, 0, 0]) == [Digest](repeating: Oracle.doubleHash([]), count: 3))
    }

    @Test("Nothing outside the messages is read", arguments: HashPath.allCases)
    func boundaries(path: HashPath) throws {
        let page = try #require(GuardedPage())
        defer { withExtendedLifetime(page) {} }
        let readable = page.bytes
        var generator = SeededGenerator(seed: 27)
        var wrong: [Int] = []
        for length in 0...300 {
            let bytes = generator.bytes(3 * length)
            let expected = (0..<3).map { Oracle.doubleHash(Array(bytes[length * $0..<length * ($0 + 1)])) }
            for input in [readable.prefix(3 * length), readable.suffix(3 * length)] {
                let input = UnsafeMutableRawBufferPointer(rebasing: input)
                input.copyBytes(from: bytes)
                let digests = Self.digests(3) {
                    path.doubleHashes(UnsafeRawBufferPointer(input), stride: length, length: length, count: 3, into: $0)
                }
                if digests != expected { wrong.append(length) }
            }
        }
        #expect(wrong == [])
    }
}
