import Glibc
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct UnixSocketTests {
    @Test func aPathIsServed() async throws {
        let folder = try TemporaryFolder()
        let address = try folder.address()
        try await TwoLoops.with { loops in
            try await loops.first.submit { loop in
                let listener = try loop.listen(on: address, handler: TestAcceptor { UnixScene.echo() })
                #expect(listener.unixAddress == address)
                #expect(listener.address == .unspecified)
            }
            try await UnixScene.expectEcho(loops, address)
            try await loops.first.submit { loop in
                try loop.forEachConnectionOrThrow { connection in
                    #expect(connection.isInbound)
                    #expect(connection.remoteAddress == .unspecified)
                    let credentials = try connection.peerCredentials()
                    #expect(credentials.processID == getpid())
                    #expect(throws: SystemError(.address, code: EAFNOSUPPORT)) { try connection.localAddress() }
                }
            }
            #expect(folder.names == ["socket"])
        }
        #expect(folder.names == [], "the loop stopped")
    }

    @Test func anAbstractNameIsServed() async throws {
        let address = try UnixScene.abstractAddress()
        try await TwoLoops.with { loops in
            let id = try await loops.first.submit { loop in
                let listener = try loop.listen(on: address, handler: TestAcceptor { UnixScene.echo() })
                #expect(throws: SystemError(.bind, code: EADDRINUSE)) {
                    try loop.listen(on: address, handler: TestAcceptor { nil })
                }
                return listener.id
            }
            try await UnixScene.expectEcho(loops, address)
            try await loops.first.submit { loop in
                if let listener = loop.listener(id) { loop.close(listener) }
                #expect(throws: SystemError(.connect, code: ECONNREFUSED)) {
                    try loop.connect(to: address, within: .seconds(1), handler: UnixScene.echo())
                }
            }
        }
    }

    // MARK: - Names

    @Test func aNameHas1To107Bytes() async throws {
        let folder = try TemporaryFolder()
        let limit = UnixAddress.nameByteLimit
        let longest = folder.path + "/" + String(repeating: "s", count: limit - folder.path.utf8.count - 1)
        let address = try UnixAddress(path: longest)
        let abstract = try UnixAddress(abstractName: String(repeating: "\(getpid() % 10)", count: limit))
        try await TwoLoops.with { loops in
            for address in [address, abstract] {
                try await loops.first.submit { loop in
                    _ = try loop.listen(on: address, handler: TestAcceptor { UnixScene.echo() })
                }
                try await UnixScene.expectEcho(loops, address)
            }
            #expect(folder.names.map(\.utf8.count) == [limit - folder.path.utf8.count - 1])
        }
        let tooLong = longest + "s"
        #expect(throws: UnixAddressError.tooLong(tooLong)) { try UnixAddress(path: tooLong) }
        #expect(throws: UnixAddressError.tooLong(tooLong)) { try UnixAddress(abstractName: tooLong) }
        #expect(UnixAddressError.tooLong(tooLong).description.contains("has 108 bytes"))
        // Counted in bytes.
        #expect(throws: UnixAddressError.self) { try UnixAddress(path: String(repeating: "é", count: 54)) }
        #expect(throws: UnixAddressError.empty) { try UnixAddress(path: "") }
        #expect(throws: UnixAddressError.empty) { try UnixAddress(abstractName: "") }
        #expect(throws: UnixAddressError.containsZero("a\0b")) { try UnixAddress(path: "a\0b") }
        #expect(try UnixAddress(path: "/run/a").description == "/run/a")
        #expect(try UnixAddress(abstractName: "a").description == "@a")
    }

    // MARK: - A full queue

    /// Listens with room for one and accepts nothing before the gate is open.
    private func withFullQueue(
        _ body: (TwoLoops, UnixAddress, Gate) async throws -> Void
    ) async throws {
        let address = try UnixScene.abstractAddress("queue \(UInt64.random(in: 0 ... .max))")
        let gate = Gate()
        try await TwoLoops.with { loops in
            defer { gate.open() }
            try await loops.first.submit { loop in
                var options = UnixListenOptions()
                options.backlog = 0
                _ = try loop.listen(on: address, options: options, handler: TestAcceptor { UnixScene.echo() })
            }
            loops.first.run { _ in gate.pass() }
            try await gate.reached()
            let first = Recorder()
            try await loops.second.submit { loop in
                _ = try loop.connect(to: address, within: .seconds(30), handler: TestHandler(first))
            }
            #expect(await first.wait { $0 == .opened } != nil)
            try await body(loops, address, gate)
        }
    }

    @Test func aFullQueueIsWaitedFor() async throws {
        try await withFullQueue { loops, address, gate in
            let recorders = (0..<20).map { _ in Recorder() }
            try await loops.second.submit { loop in
                for recorder in recorders {
                    let handler = TestHandler(recorder, onOpen: { $0.write([1, 2, 3]) })
                    let connection = try loop.connect(to: address, within: .seconds(30), handler: handler)
                    #expect(!connection.isOpen)
                }
            }
            try await loops.second.expectConnections(21)
            gate.open()
            for recorder in recorders {
                #expect(await recorder.wait { $0 == .opened } != nil)
                #expect(await recorder.receive(3) == [1, 2, 3])
            }
        }
    }

    @Test func aFullQueueIsNotWaitedForBeyondTheDeadline() async throws {
        try await withFullQueue { loops, address, _ in
            let recorder = Recorder()
            try await loops.second.submit { loop in
                _ = try loop.connect(to: address, within: .milliseconds(50), handler: TestHandler(recorder))
            }
            #expect(await recorder.waitForClose() == .connectTimedOut)
            try await loops.second.expectConnections(1)
        }
    }

    @Test func whoeverWaitsForAFullQueueMayGiveUp() async throws {
        try await withFullQueue { loops, address, gate in
            let recorders = [Recorder(), Recorder()]
            try await loops.second.submit { loop in
                try loop.connect(to: address, within: .seconds(30), handler: TestHandler(recorders[0])).close()
                try loop.connect(to: address, within: .seconds(30), handler: TestHandler(recorders[1]))
                    .finish(within: .seconds(30))
            }
            for recorder in recorders { #expect(await recorder.waitForClose() == .closedLocally) }
            gate.open()
            try await loops.second.expectConnections(1)
        }
    }

    @Test func aListenerThatIsGoneIsToldToWhoeverWaits() async throws {
        try await withFullQueue { loops, address, gate in
            let recorder = Recorder()
            try await loops.second.submit { loop in
                _ = try loop.connect(to: address, within: .seconds(30), handler: TestHandler(recorder))
            }
            let hasRefused = Gate()
            loops.first.run { loop in
                // Behind the gate, and before anything is accepted.
                loop.shutdown(within: .zero)
                hasRefused.open()
            }
            gate.open()
            // It may have come in before that, and is closed then.
            let cause = await recorder.waitForClose()
            #expect(
                cause == .connectFailed(SystemError(.connect, code: ECONNREFUSED)) || cause == .endOfStream
                    || cause == .failed(SystemError(.read, code: ECONNRESET)))
        }
    }

    // MARK: - Options

    private final class Discarding: AcceptHandler {
        let (news, continuation) = AsyncStream<SystemError>.makeStream()
        func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? { UnixScene.echo() }
        func discard(_ handler: any ConnectionHandler, _ error: SystemError, on loop: EventLoop) {
            continuation.yield(error)
        }
    }

    @Test func optionsOfTCPAreRefused() async throws {
        let address = try UnixScene.abstractAddress()
        var options = SocketOptions()
        options.userTimeout = .seconds(1)
        let refused = SystemError(.userTimeout, code: EOPNOTSUPP)
        try await withLoop { loop in
            let (news, count) = try await loop.submit { [options] loop in
                var listening = UnixListenOptions()
                listening.socketOptions = options
                let handler = Discarding()
                try loop.listen(on: address, options: listening, handler: handler)
                #expect(throws: refused) {
                    try loop.connect(to: address, options: options, within: .seconds(1), handler: UnixScene.echo())
                }
                let connection = try loop.connect(to: address, within: .seconds(30), handler: UnixScene.echo())
                #expect(throws: refused) { try connection.apply(options) }
                // What is not asked for is not refused.
                try connection.apply(SocketOptions())
                return (handler.news, loop.connectionCount)
            }
            #expect(count == 1)
            for await error in news {
                #expect(error == refused)
                break
            }
        }
    }

    @Test func sizesOfBuffersAreSetAtBothEnds() async throws {
        let address = try UnixScene.abstractAddress()
        var options = SocketOptions()
        options.sendBufferByteCount = 20_000
        // So many bytes that the buffer of a connection that is not read does not take them.
        let message = pattern(100_000)
        let recorder = Recorder()
        try await withLoop { loop in
            try await loop.submit { [options] loop in
                var listening = UnixListenOptions()
                listening.socketOptions = options
                try loop.listen(
                    on: address, options: listening,
                    handler: TestAcceptor { TestHandler(recorder, onOpen: { $0.write(message) }) })
                try loop.connect(
                    to: address, within: .seconds(30),
                    handler: TestHandler(Recorder(), onOpen: { $0.pauseReading() }))
            }
            guard case .wrote(let count)? = await recorder.wait({ if case .wrote = $0 { true } else { false } }) else {
                Issue.record("nothing was written")
                return
            }
            #expect(count < 40_000)
        }
    }

    @Test func aTCPConnectionHasNoProcessAtTheOtherEnd() async throws {
        let listener = try BlockingListener()
        try await withLoop { loop in
            try await loop.submit { loop in
                let connection = try loop.connect(
                    to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port), within: .seconds(30),
                    handler: UnixScene.echo())
                #expect(throws: SystemError(.credentials, code: EOPNOTSUPP)) { try connection.peerCredentials() }
            }
        }
    }
}
