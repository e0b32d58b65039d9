import PeerLoop
import TestSupport
import Testing

/// Who has no room is not tried again before the kernel says that there is some; from then on it is.
@Suite(.timeLimit(.minutes(1))) struct RoomTests {
    private static let byteCount = 8 << 20

    /// Waits until the kernel takes no more of what waits.
    private func waitUntilFull(_ handle: EventLoopHandle) async throws {
        var before = 0
        while true {
            try await handle.submit { _ in }
            let waiting = handle.metrics().queues.outputBytes
            if waiting > 0, waiting == before { return }
            before = waiting
        }
    }

    @Test func whatIsWrittenWithoutRoomGoesOutWhenThereIsSome() async throws {
        try await LoopFixture.with(handler: {
            Closures(opened: { $0.write([UInt8](repeating: 1, count: Self.byteCount)) })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            try await waitUntilFull(fixture.handle)
            try await fixture.handle.submit { loop in loop.forEachConnection { $0.write([2]) } }
            let most = try client.receive(exactly: Self.byteCount)
            #expect(most == [UInt8](repeating: 1, count: Self.byteCount))
            let last = try client.receive(exactly: 1)
            #expect(last == [2])
        }
    }

    /// Something more is written to it in every tick, before or after its own event: it goes out all the same.
    @Test(arguments: [true, false]) func whoIsAlwaysListedIsWrittenToAsWell(_ atTickEnd: Bool) async throws {
        try await LoopFixture.with(handler: {
            Closures(opened: { $0.write([UInt8](repeating: 1, count: Self.byteCount)) })
        }) { fixture in
            let client = try BlockingSocket(port: fixture.port, receiveBuffer: 4096)
            try await waitUntilFull(fixture.handle)
            try await fixture.handle.submit { loop in
                let writeMore: (EventLoop) -> Void = { loop in
                    loop.forEachConnection { if $0.pendingByteCount > 0 { $0.write([1]) } }
                }
                if atTickEnd {
                    loop.atTickEnd(writeMore)
                } else {
                    loop.schedule(every: .milliseconds(1)) { loop, _ in writeMore(loop) }
                }
            }
            let received = try client.receive(exactly: Self.byteCount)
            #expect(received.count == Self.byteCount)
        }
    }
}
