import CSHA256
import Testing

@Suite("Incremental hashes against swift-crypto")
struct IncrementalTests {
    @Test("Every way to cut a small message in two", arguments: HashPath.allCases)
    func twoParts(path: HashPath) {
        var generator = SeededGenerator(seed: 11)
        var wrong: [String] = []
        for length in 0...200 {
            let message = generator.bytes(length)
            let (once, twice) = (Oracle.hash(message), Oracle.doubleHash(message))
            for cut in 0...length {
                var context = path.context()
                context.update(message[..<cut])
                context.update(message[cut...])
                var copy = context
                if context.final() != once || copy.finalDouble() != twice {
                    wrong.append("\(cut) of \(length)")
                }
            }
        }
        #expect(wrong == [])
    }

    @Test("Every way to cut a message of three blocks in three", arguments: HashPath.allCases)
    func threeParts(path: HashPath) {
        var generator = SeededGenerator(seed: 12)
        let message = generator.bytes(140)
        let expected = Oracle.hash(message)
        var wrong: [String] = []
        for first in 0...message.count {
            for second in first...message.count {
                var context = path.context()
                context.update(message[..<first])
                context.update(message[first..<second])
                context.update(message[second...])
                if context.final() != expected {
                    wrong.append("\(first), \(second)")
                }
            }
        }
        #expect(wrong == [])
    }

    @Test("Byte by byte", arguments: HashPath.allCases)
    func singleBytes(path: HashPath) {
        var generator = SeededGenerator(seed: 13)
        var message: [UInt8] = []
        var context = path.context()
        var wrong: [Int] = []
        while message.count < 300 {
            var soFar = context
            if soFar.final() != Oracle.hash(message) {
                wrong.append(message.count)
            }
            let next = generator.bytes(1)
            message += next
            context.update(next)
        }
        #expect(wrong == [])
    }

    @Test("Larger messages in random parts", arguments: HashPath.allCases, UInt64(100)..<140)
    func randomParts(path: HashPath, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let message = generator.bytes(Int.random(in: 1_000...20_000, using: &generator))
        let longest = [1, 20, 64, 200, 5_000].randomElement(using: &generator) ?? 64
        var context = path.context()
        var rest = message[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 0...longest, using: &generator))
            context.update(part)
            rest = rest.dropFirst(part.count)
        }
        var copy = context
        #expect(context.final() == Oracle.hash(message), "\(message.count) bytes in parts of up to \(longest)")
        #expect(copy.finalDouble() == Oracle.doubleHash(message), "\(message.count) bytes in parts of up to \(longest)")
    }

    @Test("A context copied midway goes two ways", arguments: HashPath.allCases)
    func copies(path: HashPath) {
        var generator = SeededGenerator(seed: 14)
        let (common, left, right) = (generator.bytes(200), generator.bytes(150), generator.bytes(77))
        var wrong: [Int] = []
        for length in 0...common.count {
            let start = Array(common.prefix(length))
            var original = path.context()
            original.update(start)
            var copy = original
            original.update(left)
            copy.update(right)
            if original.final() != Oracle.hash(start + left) || copy.final() != Oracle.hash(start + right) {
                wrong.append(length)
            }
        }
        #expect(wrong == [])
    }

    @Test("A context serves again once initialised", arguments: HashPath.allCases)
    func reuse(path: HashPath) {
        var generator = SeededGenerator(seed: 15)
        var context = path.context()
        for length in [3, 100, 0, 64] {
            let message = generator.bytes(length)
            switch path {
            case .picked: csha256_init(&context)
            case .portable: csha256_portable_init(&context)
            }
            context.update(message)
            #expect(context.final() == Oracle.hash(message), "\(length) bytes")
        }
    }

    @Test("A context is the promised 112 bytes")
    func size() {
        #expect(MemoryLayout<csha256_context>.size == 112)
    }
}
