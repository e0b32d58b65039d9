import CSHA256
import Foundation
import Testing

@Suite("One-shot hashes against swift-crypto")
struct OneShotTests {
    @Test("Every length of a few blocks and around later block edges", arguments: HashPath.allCases)
    func lengths(path: HashPath) {
        var generator = SeededGenerator(seed: 1)
        var wrong: [Int] = []
        for length in interestingLengths {
            let message = generator.bytes(length)
            if path.hash(message) != Oracle.hash(message) || path.doubleHash(message) != Oracle.doubleHash(message) {
                wrong.append(length)
            }
        }
        #expect(wrong == [])
    }

    @Test("The checksum is the double hash's first four bytes, little-endian")
    func checksum() {
        var generator = SeededGenerator(seed: 2)
        var wrong: [Int] = []
        for length in interestingLengths {
            let message = generator.bytes(length)
            let expected = Oracle.doubleHash(message).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if message.withUnsafeBytes({ csha256_checksum($0.baseAddress, $0.count) }) != expected {
                wrong.append(length)
            }
        }
        #expect(wrong == [])
    }

    @Test("Input and digest at any alignment", arguments: HashPath.allCases)
    func alignment(path: HashPath) {
        var generator = SeededGenerator(seed: 3)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 64)
        defer { buffer.deallocate() }
        var wrong: [String] = []
        for offset in 0...15 {
            for length in 0...300 {
                let message = generator.bytes(length)
                buffer.initializeMemory(as: UInt8.self, repeating: 0xa5)
                let input = UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + length])
                input.copyBytes(from: message)
                let inputIsKept = { input.elementsEqual(message) }
                if path.hash(UnsafeRawBufferPointer(input)) != Oracle.hash(message) || !inputIsKept() {
                    wrong.append("hash of \(length) at \(offset)")
                }
                if path.doubleHash(UnsafeRawBufferPointer(input)) != Oracle.doubleHash(message) || !inputIsKept() {
                    wrong.append("double hash of \(length) at \(offset)")
                }
            }
            let digest = buffer[512 + offset..<512 + offset + 32]
            csha256_double_hash(buffer.baseAddress, 8, digest.assumingUnaligned)
            let input = Array(buffer.prefix(8))
            if !digest.elementsEqual(Oracle.doubleHash(input)) || buffer[544 + offset] != 0xa5
                || buffer[511 + offset] != 0xa5
            {
                wrong.append("digest at \(offset)")
            }
        }
        #expect(wrong == [])
    }

    /// Wide loads are what the accelerated path is made of: here the bytes next to the message cannot be read at all.
    @Test("Nothing outside the message is read", arguments: HashPath.allCases)
    func boundaries(path: HashPath) throws {
        let page = try #require(GuardedPage())
        defer { withExtendedLifetime(page) {} }
        let readable = page.bytes
        var generator = SeededGenerator(seed: 4)
        var wrong: [Int] = []
        for length in 0...300 {
            let message = generator.bytes(length)
            for input in [
                UnsafeMutableRawBufferPointer(rebasing: readable.prefix(length)),
                UnsafeMutableRawBufferPointer(rebasing: readable.suffix(length)),
            ] {
                input.copyBytes(from: message)
                let input = UnsafeRawBufferPointer(input)
                if path.hash(input) != Oracle.hash(message) || path.doubleHash(input) != Oracle.doubleHash(message) {
                    wrong.append(length)
                }
            }
        }
        #expect(wrong == [])
    }

    @Test("Large messages, of whole blocks and not", arguments: HashPath.allCases)
    func large(path: HashPath) {
        var generator = SeededGenerator(seed: 5)
        let message = generator.bytes(300_001)
        for length in [131_072, 262_144, 299_999, 300_001] {
            let part = Array(message.prefix(length))
            #expect(path.hash(part) == Oracle.hash(part), "\(length) bytes")
            #expect(path.doubleHash(part) == Oracle.doubleHash(part), "\(length) bytes")
        }
    }

    @Test("A processor with the instructions has them used", .enabled(if: processorFlags != nil))
    func acceleration() throws {
        let flags = try #require(processorFlags)
        let isExpected = flags.isSuperset(of: ["sha_ni", "ssse3", "sse4_1"])
        #expect(csha256_is_accelerated() == isExpected)
        #expect(String(cString: csha256_engine_name()) == (isExpected ? "x86 SHA extensions" : "portable"))
    }
}

extension Slice<UnsafeMutableRawBufferPointer> {
    fileprivate var assumingUnaligned: UnsafeMutablePointer<UInt8>? {
        UnsafeMutableRawBufferPointer(rebasing: self).assumingMemoryBound(to: UInt8.self).baseAddress
    }
}

/// What the kernel says this processor can do; nil on other architectures, whose list is called something else.
private let processorFlags: Set<String>? = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") }
    return line.map { Set($0.split(separator: " ").map(String.init)) }
}()
