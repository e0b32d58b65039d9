import Glibc
import Testing

@testable import PeerLoop

@Suite(.timeLimit(.minutes(2))) struct OutputQueueTests {
    /// Small and shared pieces in any order, written in steps down to one byte, come out as they went in.
    @Test(arguments: 0..<40)
    func keepsOrderUnderPartialWrites(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var numbers: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &numbers) == 0)
        let writer = FileDescriptor(owning: numbers[0])
        let reader = FileDescriptor(owning: numbers[1])
        let queue = OutputQueue()
        var expected: [UInt8] = []
        var received: [UInt8] = []
        var counter: UInt8 = 0
        for _ in 0..<200 {
            let length = [1, 32, 500, 1024, 1025, 5_000].randomElement(using: &random) ?? 1
            let piece = (0..<length).map { _ in
                counter &+= 1
                return counter
            }
            expected += piece
            if Bool.random(using: &random) { queue.append(piece) } else { queue.append(piece.span.bytes) }
            #expect(queue.byteCount == expected.count - received.count)
            if Bool.random(using: &random) {
                let limit = [1, 3, 100, 4_000, 1 << 20].randomElement(using: &random) ?? 1
                _ = queue.write(to: writer, limit: limit)
                received += drain(reader)
                #expect(queue.byteCount == expected.count - received.count)
            }
        }
        while !queue.isEmpty {
            guard case .moved(let count) = queue.write(to: writer, limit: 1 << 20) else { break }
            #expect(count > 0)
            received += drain(reader)
        }
        #expect(received == expected)
    }

    private func drain(_ reader: borrowing FileDescriptor) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(reader.number, &buffer, buffer.count)
            if count <= 0 { return all }
            all += buffer[..<count]
        }
    }

    /// A reader that always leaves a little must not make the arena grow with the bytes that passed through it.
    @Test func theArenaStaysWithinTwiceWhatWaits() {
        var arena = ByteArena()
        let piece = [UInt8](repeating: 7, count: 100)
        for _ in 0..<10 { arena.append(piece.span.bytes) }
        for _ in 0..<100_000 {
            arena.append(piece.span.bytes)
            arena.consume(100)
        }
        #expect(arena.count == 1_000)
        #expect(arena.capacity <= 8 * 1024)
        arena.consume(1_000)
        #expect(arena.count == 0)
    }

    @Test func anEmptiedLargeArenaGivesItsMemoryBack() {
        var arena = ByteArena()
        let piece = [UInt8](repeating: 7, count: 1024)
        for _ in 0..<1_000 { arena.append(piece.span.bytes) }
        arena.consume(1_024_000)
        #expect(arena.capacity == 0)
    }

    @Test func noticesComeWhenTheirBytesAreGone() {
        let queue = OutputQueue()
        queue.append([1, 2, 3])
        queue.notify { _ in }
        #expect(queue.takeDueNotices().isEmpty)
        #expect(queue.abandon().count == 1)
        #expect(queue.abandon().isEmpty)
    }
}
