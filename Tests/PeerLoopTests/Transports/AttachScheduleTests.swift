import PeerLoop
import Testing

/// One side of a random schedule: it sends so much, expects so much, pauses when its dice say so, and finishes once
/// it has everything.
private final class RandomSide: ConnectionHandler {
    private let recorder: Recorder
    private let sending: [UInt8]
    private let expected: Int
    private var random: SeededGenerator
    private var sent = 0
    private var received = 0

    init(_ recorder: Recorder, sending: [UInt8], expected: Int, seed: UInt64) {
        self.recorder = recorder
        self.sending = sending
        self.expected = expected
        random = SeededGenerator(seed: seed)
    }

    func opened(_ connection: Connection) {
        step(connection)
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        received += bytes.byteCount
        recorder.record(.received(bytes.withUnsafeBytes { [UInt8]($0) }))
        step(connection)
        if connection.isOpen, Int.random(in: 0..<8, using: &random) == 0 {
            connection.pauseReading()
            let delay = Duration.microseconds(Int.random(in: 0..<300, using: &random))
            let id = connection.id
            connection.eventLoop.schedule(after: delay) { $0.connection(id)?.resumeReading() }
        }
    }

    func wrote(_ byteCount: Int, on connection: Connection) {
        step(connection)
    }

    func closed(_ connection: Connection, cause: CloseCause) {
        recorder.record(.closed(cause))
    }

    private func step(_ connection: Connection) {
        // Something always waits until all is sent, so that `wrote` keeps it going.
        while sent < sending.count, connection.pendingByteCount < 3000 {
            let size = [1, 17, 900, 1500, 4000][Int.random(in: 0..<5, using: &random)]
            let part = Array(sending[sent..<min(sending.count, sent + size)])
            if Bool.random(using: &random) { connection.write(part) } else { connection.write(part.span.bytes) }
            sent += part.count
        }
        if sent == sending.count, received == expected { connection.finish(within: .seconds(30)) }
    }
}

@Suite(.timeLimit(.minutes(2))) struct AttachScheduleTests {
    @Test(arguments: 0..<100) func noByteIsLostWhateverTheSchedule(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var configuration = EventLoop.Configuration()
        configuration.readByteCountPerTick = [1, 13, 500, 65_536][Int.random(in: 0..<4, using: &random)]
        configuration.writeByteCountPerTick = [1, 29, 1000, 1 << 20][Int.random(in: 0..<4, using: &random)]
        let capacity = [1, 2, 50, 5000, 100_000][Int.random(in: 0..<5, using: &random)]
        // A byte at a time takes its time.
        let most =
            min(capacity, configuration.readByteCountPerTick, configuration.writeByteCountPerTick) < 30 ? 400 : 4000
        let there = pattern(Int.random(in: 0..<most, using: &random), 3)
        let back = pattern(Int.random(in: 1..<most, using: &random), 5)
        let seeds: (UInt64, UInt64) = (random.next(), random.next())
        let (first, second) = (Recorder(), Recorder())
        try await TwoLoops.with(configuration, shared: Bool.random(using: &random)) { loops in
            loops.connect(
                capacity: capacity,
                first: { RandomSide(first, sending: there, expected: back.count, seed: seeds.0) },
                second: { RandomSide(second, sending: back, expected: there.count, seed: seeds.1) })
            async let atFirst = first.receive(back.count)
            async let atSecond = second.receive(there.count)
            #expect(await atFirst == back)
            #expect(await atSecond == there)
            #expect(await first.waitForClose() == .endOfStream)
            #expect(await second.waitForClose() == .endOfStream)
        }
    }
}
