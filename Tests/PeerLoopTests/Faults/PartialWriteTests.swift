import PeerLoop
import TestSupport
import Testing

/// What is written goes out in pieces of any size, down to a byte, and arrives as it was.
@Suite(.timeLimit(.minutes(2))) struct PartialWriteTests {
    /// One order of writes: small copied ones, large shared ones, and those between.
    private static func chunks(_ random: inout SeededGenerator, total: Int) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var left = total
        let shared = pattern(min(total, 9_000), 11)
        while left > 0 {
            let size = [1, 2, 17, 300, 1_024, 1_025, 3_000, shared.count].randomElement(using: &random) ?? 1
            let chunk = size == shared.count ? shared : pattern(size, Int.random(in: 1...250, using: &random))
            let count = min(left, chunk.count)
            chunks.append(count == chunk.count ? chunk : Array(chunk[..<count]))
            left -= count
        }
        return chunks
    }

    struct Sizes: Sendable {
        var budget: Int
        var total: Int
        var sendBuffer: Int32
        var receiveBuffer: Int32
    }

    @Test(
        arguments: [
            Sizes(budget: 1, total: 4_000, sendBuffer: 4_608, receiveBuffer: 2_304),
            Sizes(budget: 3, total: 12_000, sendBuffer: 4_608, receiveBuffer: 2_304),
            Sizes(budget: 1_000, total: 200_000, sendBuffer: 4_608, receiveBuffer: 2_304),
            Sizes(budget: 4_097, total: 300_000, sendBuffer: 4_608, receiveBuffer: 4_096),
            Sizes(budget: 1 << 20, total: 400_000, sendBuffer: 4_608, receiveBuffer: 2_304),
            Sizes(budget: 1 << 20, total: 2_000_000, sendBuffer: 16_384, receiveBuffer: 65_536),
        ], [1 as UInt64, 2, 3])
    func whatIsWrittenArrives(_ sizes: Sizes, _ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed &* 1_000 &+ UInt64(sizes.budget))
        let chunks = Self.chunks(&random, total: sizes.total)
        var configuration = EventLoop.Configuration()
        configuration.writeByteCountPerTick = sizes.budget
        let listener = try BlockingListener()
        let sender = try BlockingSocket(
            port: listener.port, receiveBuffer: sizes.receiveBuffer, sendBuffer: sizes.sendBuffer)
        // Its window is small from the start.
        let socket = Lock<BlockingSocket?>(try listener.accept())
        let witness = Witness()
        let written = Lock<[Int]>([])
        let number = sender.takeDescriptor()
        try await withLoop(configuration) { handle in
            try await handle.submit { loop in
                _ = try loop.adopt(
                    descriptor: number, isInbound: false,
                    handler: WitnessHandler(
                        witness,
                        opened: { connection in
                            for chunk in chunks {
                                connection.write(chunk) { outcome in
                                    written.withLock { $0.append(witness.now.wroteByteCount) }
                                    witness.note { $0.outcomes.append(outcome) }
                                }
                            }
                            connection.finish(within: .seconds(60))
                        }))
            }
            let step = Int.random(in: 1...5_000, using: &random)
            let received = try await runBlocking {
                try socket.withLock { socket in
                    var bytes: [UInt8] = []
                    while let part = try socket?.receive(upTo: step), !part.isEmpty { bytes += part }
                    socket = nil
                    return bytes
                }
            }
            #expect(received == Array(chunks.joined()))
            await witness.wait { !$0.closes.isEmpty }
            #expect(witness.now.closes == [.endOfStream])
            #expect(witness.now.outcomes == Array(repeating: .sent, count: chunks.count))
            // Each is told only when the kernel has all of it.
            var end = 0
            for (chunk, count) in zip(chunks, written.value) {
                end += chunk.count
                #expect(count >= end)
            }
        }
    }

    /// As above by two connections that share their large chunks and go at speeds of their own.
    @Test func sharedChunksAreWholeForEach() async throws {
        let shared = pattern(300_000)
        let small = pattern(10)
        var configuration = EventLoop.Configuration()
        configuration.writeByteCountPerTick = 7_000
        try await LoopFixture.with(
            configuration,
            handler: {
                WitnessHandler(
                    Witness(),
                    opened: { connection in
                        for _ in 0..<3 {
                            connection.write(small)
                            connection.write(shared)
                        }
                        connection.finish(within: .seconds(60))
                    })
            }
        ) { fixture in
            let port = fixture.port
            let expected = Array(repeating: small + shared, count: 3).flatMap { $0 }
            let wrong = Lock(0)
            try await runOnThreads(4) { index in
                let received = try? BlockingSocket(port: port, receiveBuffer: 2_304 << Int32(index)).receiveToEnd()
                if received != expected { wrong.withLock { $0 += 1 } }
            }
            #expect(wrong.value == 0)
        }
    }
}
