import PeerKit
import PeerLoop
import TestSupport
import Testing

/// What becomes of a call whose task is cancelled.
@Suite(.timeLimit(.minutes(2))) struct CancellationTests {
    /// The attempt is ended, and not only no longer waited for.
    @Test func aCancelledConnectEndsTheAttempt() async throws {
        try await NodeRig.with { rig in
            let listener = try BlockingListener()
            let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
            let dialling = Task { try await rig.node.connect(to: address) }
            let client = try await RawClient(acceptedBy: listener)
            #expect(try await client.receiveFrame()?.command == "version")
            dialling.cancel()
            await #expect(throws: NodeError.cancelled) { try await dialling.value }
            // The node has closed its side.
            #expect(try await client.receiveFrame() == nil)
            try await rig.log.wait { $0.contains { $0.reason == .requested } }
        }
    }

    @Test func aConnectOfACancelledTaskDialsNobody() async throws {
        try await NodeRig.with { rig in
            let dialling = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await rig.node.connect(to: "127.0.0.1:\(rig.port)")
            }
            await #expect(throws: NodeError.cancelled) { try await dialling.value }
        }
    }

    /// The peer does not read: the message waits in the node, and the sender does not.
    @Test func aCancelledSendWaitsNoLonger() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer(receiveBuffer: 65_536)
            // A task that is cancelled before it has queued its message does not queue it.
            let sending = try await rig.withLoopHeld {
                let sending = (0..<20).map { _ in Task { try await peer.send(Samples.unknown(2_000_000)) } }
                try await until { peer.pendingByteCount == 20 * 2_000_024 }
                return sending
            }
            for task in sending { task.cancel() }
            var cancelled = 0
            for task in sending {
                do {
                    try await task.value
                } catch {
                    #expect(error as? SendError == .cancelled)
                    cancelled += 1
                }
            }
            #expect(cancelled > 10)
            // What was queued still goes out.
            for _ in sending { #expect(try await client.receiveFrame()?.payload.count == 2_000_000) }
        }
    }

    @Test func aCancelledListenLeavesThePortFree() async throws {
        try await NodeRig.with { rig in
            let listening = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await rig.node.listen(on: "127.0.0.1:0")
            }
            await #expect(throws: NodeError.cancelled) { try await listening.value }
        }
    }

    @Test func theEndOfAPeerIsAwaited() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let cancelled = Task { await peer.waitForDisconnect() }
            cancelled.cancel()
            #expect(await cancelled.value == nil)
            #expect(peer.isConnected)
            let waiting = (0..<3).map { _ in Task { await peer.waitForDisconnect() } }
            await client.close()
            for task in waiting { #expect(await task.value == .remoteClosed) }
            #expect(await peer.waitForDisconnect() == .remoteClosed)
            let (other, second) = try await rig.rawPeer()
            second.disconnect()
            async let reason = second.waitForDisconnect()
            #expect(try await other.receiveToEnd().isEmpty)
            await other.close()
            #expect(await reason == .requested)
        }
    }

    /// Neither a peer that does not read nor a listener that blocks holds it for the hour that it was given.
    @Test func aCancelledShutdownIsCutShort() async throws {
        let gate = Gate()
        let log = Log<Heard>()
        let entered = Log<Bool>()
        var configuration = NodeRig.configuration(.regtest, log)
        configuration.goodbyeTimeout = .seconds(3_600)
        configuration.listeners.onPing = { _, _ in
            entered.add(true)
            gate.pass()
        }
        let node = try PeerNode(configuration)
        let rig = NodeRig(node: node, server: try await node.listen(on: "127.0.0.1:0"), log: log)
        let (slow, peer) = try await rig.rawPeer(receiveBuffer: 4_096)
        for _ in 0..<20 { peer.queue(Samples.unknown(2_000_000)) }
        let (client, _) = try await rig.rawPeer()
        try await client.send(.ping(nonce: 1))
        try await entered.wait(for: 1)
        let ending = Task { await node.shutdown(within: .seconds(3_600)) }
        // Both are being told goodbye.
        #expect(try await client.receiveToEnd().map(\.command) == ["pong"])
        ending.cancel()
        #expect(!(await ending.value))
        gate.open()
        #expect(await node.shutdown(within: .seconds(30)))
        log.expectEveryPeerEndedOnce()
        await slow.close()
        await client.close()
    }

    @Test func aShutdownOfACancelledTaskIsShort() async throws {
        let node = try PeerNode(NodeRig.configuration(.regtest, Log<Heard>()))
        let ending = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await node.shutdown(within: .seconds(3_600))
        }
        await ending.value
        #expect(await node.shutdown(within: .seconds(30)))
    }
}
