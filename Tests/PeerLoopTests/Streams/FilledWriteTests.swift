import PeerLoop
import TestSupport
import Testing

/// Output that is made where it waits.
@Suite(.timeLimit(.minutes(1))) struct FilledWriteTests {
    private struct Stop: Error {}

    /// What a client receives of a connection that is opened as a test says, and then finishes.
    private func received(
        _ limits: WriteLimits = WriteLimits(), _ write: @escaping @Sendable (Connection) -> Void
    ) async throws -> (bytes: [UInt8], cause: CloseCause?) {
        var configuration = EventLoop.Configuration()
        configuration.writeLimits = limits
        let recorder = Recorder()
        var bytes: [UInt8] = []
        try await LoopFixture.with(
            configuration,
            handler: {
                TestHandler(
                    recorder,
                    onOpen: {
                        write($0)
                        $0.finish(within: .seconds(3600))
                    })
            }
        ) { fixture in
            let client = try BlockingSocket(port: fixture.port)
            bytes = (try? client.receiveToEnd()) ?? []
            client.close()
            _ = await recorder.waitForClose().map { recorder.record(.closed($0)) }
            #expect(fixture.handle.metrics().queues.outputBytes == 0)
        }
        return (bytes, await recorder.waitForClose())
    }

    @Test func itKeepsItsPlaceAmongOtherWrites() async throws {
        let large = pattern(5000)
        let (bytes, _) = try await received { connection in
            connection.write([1])
            connection.write(capacity: 100) { for byte: UInt8 in 2...4 { $0.append(byte) } }
            connection.write(large)
            // Behind a chunk that is shared, and more than lies ready.
            connection.write(capacity: 100_000) { output in for byte in large { output.append(byte) } }
            connection.write(capacity: 0) { #expect($0.freeCapacity == 0) }
            connection.write(capacity: 10) { _ in }
            connection.write([5])
            #expect(connection.pendingByteCount == 10_005)
        }
        #expect(bytes == [1, 2, 3, 4] + large + large + [5])
    }

    @Test func nothingIsQueuedWhenItThrows() async throws {
        let (bytes, _) = try await received { connection in
            connection.write([1])
            #expect(throws: Stop.self) {
                try connection.write(capacity: 100) { output throws(Stop) in
                    output.append(9)
                    throw Stop()
                }
            }
            #expect(connection.pendingByteCount == 1)
            connection.write([2])
        }
        #expect(bytes == [1, 2])
    }

    /// No memory is made ready for more than may wait.
    @Test(arguments: [10, 11, 1 << 40, .max]) func beyondTheCapTheConnectionEnds(capacity: Int) async throws {
        let (bytes, cause) = try await received(WriteLimits(highMark: 1, cap: 10)) { connection in
            connection.write(capacity: capacity) { $0.append(1) }
        }
        #expect(bytes == (capacity == 10 ? [1] : []))
        #expect((cause == .writeCapExceeded) == (capacity > 10))
    }

    /// Finished while it is filled: what it appended still goes out.
    @Test func itMayFinishTheConnection() async throws {
        let (bytes, _) = try await received { connection in
            connection.write(capacity: 10) { output in
                output.append(1)
                connection.finish(within: .seconds(3600))
                output.append(2)
            }
        }
        #expect(bytes == [1, 2])
    }

    @Test func itIsNotCalledWhereNothingIsTaken() async throws {
        let (bytes, _) = try await received { connection in
            connection.write(capacity: 10) { $0.append(1) }
            connection.shutDownWriting()
            connection.write(capacity: 10) { _ in Issue.record("the stream has ended") }
            connection.finish(within: .seconds(3600))
            connection.write(capacity: 10) { _ in Issue.record("it is finishing") }
        }
        #expect(bytes == [1])
    }

    @Test func itMayCloseTheConnection() async throws {
        let (bytes, cause) = try await received { connection in
            connection.write(capacity: 10) { output in
                output.append(1)
                connection.close()
                output.append(2)
            }
            connection.write(capacity: 10) { _ in Issue.record("it is closed") }
        }
        #expect(bytes == [])
        #expect(cause == .closedLocally)
    }
}
