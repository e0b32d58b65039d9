import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConnectTests {
    private func connect(
        _ handle: EventLoopHandle, port: UInt16, within limit: Duration, _ recorder: Recorder,
        onOpen: @escaping @Sendable (Connection) -> Void = { _ in }
    ) async throws {
        _ = try await handle.submit { loop in
            _ = try loop.connect(
                to: SocketAddress(ipv4: 127, 0, 0, 1, port: port), within: limit,
                handler: TestHandler(recorder, onOpen: onOpen))
        }
    }

    @Test func connectsAndExchangesBytes() async throws {
        let listener = try BlockingListener()
        let handle = try EventLoopHandle.start()
        let recorder = Recorder()
        try await connect(handle, port: listener.port, within: .seconds(20), recorder) { $0.write([5, 6]) }
        let server = try listener.accept()
        #expect(try server.receive(exactly: 2) == [5, 6])
        try server.send([7])
        #expect(await recorder.receive(1) == [7])
        await handle.shutdown(within: .zero)
        #expect(await recorder.waitForClose() != nil)
    }

    @Test func aRefusedConnectSaysSo() async throws {
        let handle = try EventLoopHandle.start()
        let recorder = Recorder()
        let absent = try Endpoint.refusing()
        defer { withExtendedLifetime(absent) {} }
        try await connect(handle, port: absent.address.port, within: .seconds(20), recorder)
        guard case .connectFailed(let error)? = await recorder.waitForClose() else {
            Issue.record("a refused connect was reported as something else")
            return
        }
        #expect(error.isRefused)
        await handle.shutdown(within: .zero)
    }

    @Test func aConnectWithoutAnswerEndsAtItsDeadline() async throws {
        // With a backlog of 0 the kernel leaves further attempts without any answer.
        let listener = try BlockingListener(backlog: 0)
        let handle = try EventLoopHandle.start()
        let recorders = (0..<4).map { _ in Recorder() }
        for recorder in recorders {
            try await connect(handle, port: listener.port, within: .milliseconds(300), recorder)
        }
        #expect(await recorders[3].waitForClose() == .connectTimedOut)
        await handle.shutdown(within: .zero)
    }

    @Test func aSourceAddressIsUsed() async throws {
        let recorder = Recorder()
        try await LoopFixture.with(handler: {
            TestHandler(
                recorder,
                onOpen: { connection in
                    connection.write(Array(connection.remoteAddress.hostDescription.utf8))
                })
        }) { fixture in
            let client = Recorder()
            let port = fixture.port
            _ = try await fixture.handle.submit { loop in
                _ = try loop.connect(
                    to: SocketAddress(ipv4: 127, 0, 0, 1, port: port), from: SocketAddress(ipv4: 127, 0, 1, 9, port: 0),
                    within: .seconds(20), handler: TestHandler(client))
            }
            #expect(await client.receive(9) == Array("127.0.1.9".utf8))
        }
    }
}
