import PeerLoop
import TestSupport
import Testing

/// The other side resets the connection in every state it can be in: it ends once, for that reason, and the
/// level-triggered loop, which would be told again and again, does not spin.
@Suite(.timeLimit(.minutes(1))) struct ResetTests {
    /// Connects a client that takes little, has `then` run once the connection is in its state, and resets.
    private func expectReset(
        tail: [UInt8] = [], opened: @escaping @Sendable (Connection) -> Void,
        inputEnded: @escaping @Sendable (Connection) -> Void = { $0.shutDownWriting() },
        isReady: @escaping @Sendable (Connection) -> Bool,
        prepare: @escaping @Sendable (BlockingSocket) -> Void = { _ in },
        _ check: (Witness, LoopFixture) async throws -> Void
    ) async throws {
        let witness = Witness()
        try await LoopFixture.with(handler: {
            WitnessHandler(witness, opened: opened, inputEnded: inputEnded)
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            await witness.wait { $0.openedCount == 1 }
            prepare(client)
            let isSet = try await eventually {
                try await fixture.handle.submit { loop in
                    var isSet = false
                    loop.forEachConnection { isSet = isReady($0) }
                    return isSet
                }
            }
            #expect(isSet)
            try await fixture.handle.expectQuiet("before the reset")
            if !tail.isEmpty {
                try client.send(tail)
                try client.waitUntilTaken()
            }
            client.reset()
            try await check(witness, fixture)
            try await fixture.handle.expectConnections(0)
        }
    }

    private static let much = [UInt8](repeating: 1, count: 8 << 20)

    @Test func whilePausedWithOutputWaiting() async throws {
        try await expectReset(
            opened: { connection in
                connection.write(Self.much)
                connection.pauseReading()
            }, isReady: { $0.isPaused && $0.sentByteCount > 0 }
        ) { witness, fixture in
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
        }
    }

    /// What has arrived is kept until reading resumes, and meanwhile nothing spins.
    @Test(arguments: [true, false]) func whilePausedWithSomethingToRead(_ hasOutput: Bool) async throws {
        let tail = pattern(5_000)
        try await expectReset(
            tail: tail,
            opened: { connection in
                if hasOutput { connection.write(Self.much) }
                connection.pauseReading()
            }, isReady: { $0.isPaused && (!hasOutput || $0.sentByteCount > 0) }
        ) { witness, fixture in
            try await fixture.handle.expectQuiet("reset while paused")
            try await fixture.handle.expectConnections(1)
            #expect(witness.now.closes.isEmpty)
            try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
            #expect(witness.now.bytes == tail)
        }
    }

    /// Once nobody can write any more, what waits is not held until somebody reads.
    @Test func whilePausedWhatWaitsIsToldAtOnce() async throws {
        let outcomes = Witness()
        try await expectReset(
            tail: [1, 2, 3],
            opened: { connection in
                connection.write(Self.much, outcomes)
                connection.pauseReading()
            }, isReady: { $0.isPaused && $0.sentByteCount > 0 }
        ) { witness, fixture in
            #expect(await outcomes.firstOutcomes == [.connectionClosed])
            try await fixture.handle.submit { _ in }
            #expect(fixture.handle.metrics().queues.outputBytes == 0)
            try await fixture.handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
            #expect(outcomes.now.outcomes.count == 1)
        }
    }

    @Test(arguments: [true, false]) func afterThisSideEnded(_ isPaused: Bool) async throws {
        try await expectReset(
            opened: { connection in
                connection.shutDownWriting()
                if isPaused { connection.pauseReading() }
            }, isReady: { !$0.isWritable }
        ) { witness, fixture in
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
        }
    }

    @Test func afterTheOtherSideEndedWithOutputWaiting() async throws {
        try await expectReset(
            opened: { $0.allowsHalfClose = true }, inputEnded: { $0.write(Self.much) },
            isReady: { $0.sentByteCount > 0 }, prepare: { $0.shutDownWriting() }
        ) { witness, fixture in
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
            #expect(witness.now.inputEndCount == 1)
        }
    }

    @Test func whileFinishingWithOutputWaiting() async throws {
        try await expectReset(
            opened: { connection in
                connection.write(Self.much)
                connection.finish(within: .seconds(60))
            }, isReady: { $0.sentByteCount > 0 }
        ) { witness, fixture in
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
        }
    }

    @Test func whileFinishingWithNothingLeftToWrite() async throws {
        try await expectReset(opened: { $0.finish(within: .seconds(60)) }, isReady: { !$0.isOpen }) {
            witness, fixture in
            let cause = try await witness.waitForOnlyClose(on: fixture.handle)
            #expect(cause?.isReset == true)
        }
    }

    /// Every end at once: nothing of what one handler does reaches another one's connection.
    @Test func ofHundredsAtOnce() async throws {
        let witness = Witness()
        try await LoopFixture.with(handler: {
            WitnessHandler(witness, opened: { $0.write([UInt8](repeating: 1, count: 256 << 10)) })
        }) { fixture in
            let port = fixture.port
            try await fixture.blocking {
                var clients: [BlockingSocket] = []
                for _ in 0..<300 { clients.append(try BlockingSocket(port: port, receiveBuffer: 4096)) }
                for client in clients { client.reset() }
            }
            // One that was reset before it was taken is never made.
            try await fixture.handle.expectQuiet()
            let ended = await witness.wait { $0.openedCount > 200 && $0.closes.count == $0.openedCount }
            #expect(ended.closes.areResets)
            try await fixture.handle.expectConnections(0)
        }
    }
}
