import TestSupport
import Testing

@testable import PeerLoop

/// Through proxies that grant what they are asked for.
@Suite(.timeLimit(.minutes(1))) struct SOCKS5Tests {
    @Test func aNameGoesToTheProxyAsItIs() async throws {
        let recorder = Recorder()
        let (request, received) = try await ProxyScene.through({ client in
            let request = try ProxyScene.takeRequest(client)
            try client.send(ProxyScene.granted)
            let received = try client.receive(exactly: 3)
            try client.send([4, 5, 6, 7])
            return (request, received)
        }) {
            TestHandler(
                recorder,
                onOpen: {
                    #expect($0.isOpen && !$0.isInbound)
                    #expect($0.receivedByteCount == 0 && $0.sentByteCount == 0)
                    #expect($0.connectDeadline == .max && $0.timer == nil, "the deadline is met")
                    $0.write([1, 2, 3])
                },
                onReceive: { #expect($1.receivedByteCount == UInt64($0.byteCount)) })
        } _: { _ in
            #expect(await recorder.wait { _ in true } == .opened, "nothing is heard before")
            #expect(await recorder.receive(4) == [4, 5, 6, 7])
            #expect(await recorder.waitForClose() == .endOfStream)
        }
        #expect(request == ProxyScene.nameRequest)
        #expect(received == [1, 2, 3])
    }

    @Test(arguments: ["192.0.2.7", "2001:db8::7"]) func anAddressIsTheRemoteAddress(_ host: String) async throws {
        let address = try #require(SocketAddress(numericHost: host, port: 80))
        let recorder = Recorder()
        let bytes = Array(address.mappedBytes.suffix(address.family == .ipv4 ? 4 : 16))
        let request = try await ProxyScene.through(
            { client in
                let request = try ProxyScene.takeRequest(client, byteCount: 4 + bytes.count + 2)
                try client.send(ProxyScene.granted)
                return request
            }, to: SOCKS5.Target(address)
        ) {
            TestHandler(recorder, onOpen: { #expect($0.remoteAddress == address) })
        } _: { _ in
            #expect(await recorder.wait { $0 == .opened } != nil)
        }
        #expect(request == [5, 1, 0, address.family == .ipv4 ? 1 : 4] + bytes + [0, 80])
    }

    @Test func eachConnectionHasItsCredentials() async throws {
        for user in ["first", "second"] {
            let recorder = Recorder()
            let credentials = try SOCKS5.Credentials(user: user, password: "isolated")
            let message: [UInt8] = [1, UInt8(user.utf8.count)] + Array(user.utf8) + [8] + Array("isolated".utf8)
            let said = try await ProxyScene.through(
                { client in
                    let greeting = try client.receive(exactly: 3)
                    try client.send([5, 2])
                    let said = try client.receive(exactly: message.count)
                    try client.send([1, 0])
                    _ = try client.receive(exactly: ProxyScene.nameRequest.count)
                    try client.send(ProxyScene.granted)
                    return (greeting, said)
                }, credentials: credentials
            ) {
                TestHandler(recorder)
            } _: { _ in
                #expect(await recorder.wait { $0 == .opened } != nil)
            }
            #expect(said == ([5, 1, 2], message))
        }
    }

    /// Three ways to read what came together with the last reply, and the end behind it.
    @Test(arguments: ["reads", "reads directly", "pauses"])
    func bytesBehindTheReplyReachTheHandler(_ way: String) async throws {
        let recorder = Recorder()
        let behind = pattern(3_000)
        _ = try await ProxyScene.through({ client in
            _ = try ProxyScene.takeRequest(client)
            try client.send(ProxyScene.granted + behind)
        }) {
            DirectHandler(recorder) {
                $0.readsDirectly = way == "reads directly"
                if way == "pauses" { $0.pauseReading() }
            }
        } _: { loop in
            #expect(await recorder.wait { _ in true } == .opened)
            if way == "pauses" {
                try await loop.expectQuiet()
                loop.run { loop in loop.forEachConnection { $0.resumeReading() } }
            }
            #expect(await recorder.receive(behind.count) == behind)
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    /// Records, in either way of reading.
    private final class DirectHandler: ConnectionHandler {
        let recorder: Recorder
        let onOpen: (Connection) -> Void

        init(_ recorder: Recorder, _ onOpen: @escaping (Connection) -> Void) {
            self.recorder = recorder
            self.onOpen = onOpen
        }

        func opened(_ connection: Connection) {
            recorder.record(.opened)
            onOpen(connection)
        }

        func received(_ bytes: RawSpan, on connection: Connection) {
            #expect(!connection.readsDirectly)
            recorder.record(.received(bytes.withUnsafeBytes { [UInt8]($0) }))
        }

        func receiveDirectly(on connection: Connection, limit: Int, _ read: (inout OutputSpan<UInt8>) -> Void) {
            let bytes = [UInt8](capacity: 1_000) { read(&$0) }
            if !bytes.isEmpty { recorder.record(.received(bytes)) }
        }

        func closed(_ connection: Connection, cause: CloseCause) {
            recorder.record(.closed(cause))
        }
    }

    @Test func aProxyMaySpeakByteByByte() async throws {
        let recorder = Recorder()
        let name: [UInt8] = [5, 0, 0, 3, 255] + pattern(255) + [1, 2]
        _ = try await ProxyScene.through({ client in
            _ = try client.receive(exactly: 3)
            for byte in [5, 0] as [UInt8] { try client.send([byte]) }
            _ = try client.receive(exactly: ProxyScene.nameRequest.count)
            for byte in name + [42] { try client.send([byte]) }
            return try client.receive()
        }) {
            TestHandler(recorder, onReceive: { $1.write($0) })
        } _: { _ in
            #expect(await recorder.wait { _ in true } == .opened)
            #expect(await recorder.receive(1) == [42])
        }
    }

    /// Tor listens on one too.
    @Test func aProxyMayListenOnAUnixSocket() async throws {
        let folder = try TemporaryFolder()
        let address = try folder.address()
        let recorder = Recorder()
        try await TwoLoops.with { loops in
            try await loops.first.submit { loop in
                _ = try loop.listen(on: address, handler: TestAcceptor { UnixProxy() })
            }
            try await loops.second.submit { loop in
                _ = try loop.connect(
                    to: ProxyScene.target(), through: SOCKS5.Proxy(address), within: .seconds(30),
                    handler: TestHandler(recorder, onOpen: { $0.write([1, 2, 3]) }))
            }
            #expect(await recorder.wait { _ in true } == .opened)
            #expect(await recorder.receive(3) == [1, 2, 3])
        }
    }

    /// Grants what it is asked for and echoes what follows.
    private final class UnixProxy: ConnectionHandler {
        private var lacking = [3, ProxyScene.nameRequest.count]

        func received(_ bytes: RawSpan, on connection: Connection) {
            guard let next = lacking.first else { return connection.write(bytes) }
            #expect(bytes.byteCount == next, "a client says nothing before it is asked")
            lacking.removeFirst()
            connection.write(lacking.isEmpty ? ProxyScene.granted : [5, 0])
        }

        func closed(_ connection: Connection, cause: CloseCause) {}
    }

    // MARK: - Meanwhile

    /// What the user does before the connection is open has no part in what the proxy is told.
    @Test func nothingIsWrittenAndNothingHeldUpMeanwhile() async throws {
        let recorder = Recorder()
        let (reached, goOn) = (Gate(), Gate())
        let (request, rest) = try await ProxyScene.through({ client in
            let greeting = try client.receive(exactly: 3)
            reached.pass()
            goOn.pass()
            try client.send([5, 0])
            let request = try client.receive(exactly: ProxyScene.nameRequest.count)
            try client.send(ProxyScene.granted)
            return (greeting + request, try client.receive(exactly: 1))
        }) {
            TestHandler(recorder, onOpen: { #expect($0.isPaused) })
        } _: { loop in
            reached.open()
            try await reached.reached()
            try await loop.submit { loop in
                loop.forEachConnection {
                    #expect(!$0.isOpen)
                    $0.write([99])
                    $0.write([99], completion: { #expect($0 == .connectionClosed) })
                    $0.pauseReading()
                }
            }
            goOn.open()
            #expect(await recorder.wait { _ in true } == .opened)
            loop.run { loop in
                loop.forEachConnection {
                    $0.resumeReading()
                    $0.write([1])
                }
            }
            #expect(await recorder.waitForClose() == .endOfStream)
        }
        #expect(request == [5, 1, 0] + ProxyScene.nameRequest)
        #expect(rest == [1])
    }

    @Test(arguments: ["close", "finish", "reset", "shutdown"])
    func itMayBeEndedMeanwhile(_ way: String) async throws {
        let recorder = Recorder()
        let reached = Gate()
        reached.open()
        let end = try await ProxyScene.through({ client in
            _ = try client.receive(exactly: 3)
            reached.pass()
            return (try? client.receive()) ?? []
        }) {
            TestHandler(recorder)
        } _: { loop in
            try await reached.reached()
            loop.run { loop in
                switch way {
                case "close": loop.forEachConnection { $0.close() }
                case "finish": loop.forEachConnection { $0.finish(within: .seconds(30)) }
                case "reset": loop.forEachConnection { $0.reset() }
                default: loop.shutdown(within: .seconds(30))
                }
            }
            #expect(await recorder.wait { _ in true } == .closed(.closedLocally))
        }
        #expect(end == [])
    }

    @Test func aDeadlineOfTheUsersEndsIt() async throws {
        let recorder = Recorder()
        let reached = Gate()
        reached.open()
        _ = try await ProxyScene.through({ client in
            _ = try client.receive(exactly: 3)
            reached.pass()
            return try client.receive()
        }) {
            TestHandler(recorder)
        } _: { loop in
            try await reached.reached()
            loop.run { loop in loop.forEachConnection { $0.setDeadline(loop.now) } }
            #expect(await recorder.wait { _ in true } == .closed(.connectTimedOut))
        }
    }
}
