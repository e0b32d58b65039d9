import Glibc
import TestSupport
import Testing

@testable import PeerLoop

@Suite(.timeLimit(.minutes(1))) struct SocketOptionsTests {
    /// What the kernel has of a socket's options.
    private struct Found: Equatable {
        var noDelay: Int32 = 1
        var keepAlive: Int32 = 0
        var idle: Int32 = 7_200
        var interval: Int32 = 75
        var probeCount: Int32 = 9
        var userTimeout: Int32 = 0
        var lingers: Int32 = 0

        init() {}

        init(_ number: Int32) {
            func option(_ level: Int32, _ name: Int32) -> Int32 {
                var value: Int32 = -1
                var length = socklen_t(MemoryLayout<Int32>.size)
                return getsockopt(number, level, name, &value, &length) == 0 ? value : -errno
            }
            let level = Int32(IPPROTO_TCP)
            noDelay = option(level, TCP_NODELAY) == 0 ? 0 : 1
            keepAlive = option(SOL_SOCKET, SO_KEEPALIVE)
            idle = option(level, TCP_KEEPIDLE)
            interval = option(level, TCP_KEEPINTVL)
            probeCount = option(level, TCP_KEEPCNT)
            userTimeout = option(level, TCP_USER_TIMEOUT)
            var lingering = linger()
            var length = socklen_t(MemoryLayout<linger>.size)
            getsockopt(number, SOL_SOCKET, SO_LINGER, &lingering, &length)
            lingers = lingering.l_onoff
        }
    }

    private static let options: SocketOptions = {
        var options = SocketOptions()
        options.noDelay = false
        options.keepAlive = .init(idle: .milliseconds(29_001), interval: .seconds(7), probeCount: 3)
        options.userTimeout = .microseconds(12_344_001)
        options.sendBufferByteCount = 40_000
        options.receiveBufferByteCount = 50_000
        options.linger = .reset
        return options
    }()

    private static let found: Found = {
        var found = Found()
        found.noDelay = 0
        found.keepAlive = 1
        found.idle = 30
        found.interval = 7
        found.probeCount = 3
        found.userTimeout = 12_345
        found.lingers = 1
        return found
    }()

    private func bufferSizes(_ number: Int32) -> [Int32] {
        [SO_SNDBUF, SO_RCVBUF].map { name in
            var value: Int32 = -1
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(number, SOL_SOCKET, name, &value, &length)
            return value
        }
    }

    /// A connection of a loop that listens with `options` to itself, both ends made with them.
    private func both(
        _ options: SocketOptions, _ body: @escaping @Sendable (Connection, _ isInbound: Bool) throws -> Void
    ) async throws {
        let recorders = (Recorder(), Recorder())
        try await TwoLoops.with(shared: true) { loops in
            try await loops.first.submit { loop in
                var listening = ListenOptions()
                listening.socketOptions = options
                let listener = try loop.listen(
                    on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0), options: listening,
                    handler: TestAcceptor { TestHandler(recorders.0) })
                try loop.connect(
                    to: listener.address, options: options, within: .seconds(30), handler: TestHandler(recorders.1))
            }
            #expect(await recorders.0.wait { $0 == .opened } != nil)
            #expect(await recorders.1.wait { $0 == .opened } != nil)
            try await loops.first.submit { loop in
                var count = 0
                try loop.forEachConnectionOrThrow {
                    count += 1
                    try body($0, $0.isInbound)
                }
                #expect(count == 2)
            }
        }
    }

    @Test func theDefaultsAreNoDelayAndNothingElse() async throws {
        try await both(SocketOptions()) { connection, _ in
            #expect(Found(connection.descriptor.number) == Found())
        }
    }

    @Test func whatIsAskedForIsSetAtBothEnds() async throws {
        try await both(Self.options) { connection, isInbound in
            #expect(Found(connection.descriptor.number) == Self.found, "inbound: \(isInbound)")
            // The kernel doubles them.
            #expect(bufferSizes(connection.descriptor.number) == [80_000, 100_000], "inbound: \(isInbound)")
        }
    }

    @Test func aLiveConnectionTakesNewOptionsAndLosesOldOnes() async throws {
        try await both(SocketOptions()) { connection, _ in
            try connection.apply(Self.options)
            #expect(Found(connection.descriptor.number) == Self.found)
            #expect(bufferSizes(connection.descriptor.number) == [80_000, 100_000])
            try connection.apply(SocketOptions())
            var found = Self.found
            found.noDelay = 1
            found.keepAlive = 0
            found.userTimeout = 0
            found.lingers = 0
            #expect(Found(connection.descriptor.number) == found)
            #expect(bufferSizes(connection.descriptor.number) == [80_000, 100_000], "sizes are left as they are")
        }
    }

    @Test func anAdoptedSocketTakesThemToo() async throws {
        let listener = try BlockingListener()
        try await TwoLoops.with(shared: true) { loops in
            let number = try BlockingSocket(port: listener.port).takeDescriptor()
            try await loops.first.submit { loop in
                let connection = try loop.adopt(
                    descriptor: number, isInbound: false, options: Self.options, handler: TestHandler(Recorder()))
                #expect(Found(connection.descriptor.number).userTimeout == 12_345)
            }
        }
    }

    private static func with(_ change: (inout SocketOptions) -> Void) -> SocketOptions {
        var options = SocketOptions()
        change(&options)
        return options
    }

    static let refused: [(SocketOptions, SystemError.Operation)] = [
        (with { $0.keepAlive = .init(idle: .zero, interval: .seconds(1), probeCount: 1) }, .keepAlive),
        (with { $0.keepAlive = .init(idle: .seconds(32_768), interval: .seconds(1), probeCount: 1) }, .keepAlive),
        (with { $0.keepAlive = .init(idle: .seconds(1), interval: .seconds(-1), probeCount: 1) }, .keepAlive),
        (with { $0.keepAlive = .init(idle: .seconds(1), interval: .seconds(1), probeCount: 128) }, .keepAlive),
        (with { $0.keepAlive = .init(idle: .seconds(1), interval: .seconds(1), probeCount: .max) }, .keepAlive),
        (with { $0.userTimeout = .seconds(-1) }, .userTimeout),
        (with { $0.userTimeout = .nanoseconds(-1) }, .userTimeout),
        (with { $0.sendBufferByteCount = 0 }, .sendBuffer),
        (with { $0.sendBufferByteCount = .max }, .sendBuffer),
        (with { $0.receiveBufferByteCount = -1 }, .receiveBuffer),
    ]

    @Test(arguments: refused.indices) func aRefusedOptionIsNamed(_ index: Int) async throws {
        let (options, operation) = Self.refused[index]
        let expected = SystemError(operation, code: EINVAL)
        try await both(SocketOptions()) { connection, _ in
            #expect(throws: expected) { try connection.apply(options) }
            #expect(throws: expected) {
                try connection.loop.connect(
                    to: SocketAddress(ipv4: 127, 0, 0, 1, port: 1), options: options, within: .seconds(1),
                    handler: TestHandler(Recorder()))
            }
            var listening = ListenOptions()
            listening.socketOptions = options
            #expect(throws: expected) {
                try connection.loop.listen(
                    on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0), options: listening, handler: TestAcceptor { nil })
            }
        }
    }

    @Test func theLongestTimesAreTaken() async throws {
        let options = Self.with {
            $0.userTimeout = .seconds(1 << 40)
            $0.keepAlive = .init(idle: .seconds(32_767), interval: .seconds(32_767), probeCount: 127)
        }
        try await both(options) { connection, _ in
            #expect(Found(connection.descriptor.number).userTimeout == .max)
            #expect(Found(connection.descriptor.number).idle == 32_767)
        }
    }

    @Test func aTransportHasNoSocketToGiveOptionsTo() async throws {
        try await TwoLoops.with(shared: true) { loops in
            try await loops.first.submit { loop in
                let connection = loop.attach(
                    MemoryTransport.pair().0, isInbound: false, handler: TestHandler(Recorder()))
                #expect(throws: SystemError(.option, code: ENOTSOCK)) { try connection.apply(SocketOptions()) }
            }
        }
    }

    @Test func aClosedConnectionHasNoneEither() async throws {
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            let isRefused = try await loops.first.submit { loop in
                let listener = try BlockingListener()
                let connection = try loop.connect(
                    to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port), within: .seconds(30),
                    handler: TestHandler(recorder))
                connection.close()
                loop.processCloses(atMost: 1)
                do throws(SystemError) {
                    try connection.apply(Self.options)
                    return false
                } catch {
                    return error.code == EBADF
                }
            }
            #expect(isRefused)
        }
    }

    /// What `.reset` is for: the peer learns of the close by a reset, though everything was read.
    @Test func aCloseResetsWhereThatIsAskedFor() async throws {
        let listener = try BlockingListener()
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            try await loops.first.submit { loop in
                _ = try loop.connect(
                    to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port),
                    options: Self.with { $0.linger = .reset }, within: .seconds(30),
                    handler: TestHandler(recorder, onOpen: { $0.close() }))
            }
            let code = try await runBlocking {
                let accepted = try listener.accept()
                do {
                    _ = try accepted.receive()
                    return Int32(0)
                } catch let failure as BlockingSocket.Failure {
                    return failure.code
                }
            }
            #expect(code == ECONNRESET)
        }
    }
}

extension EventLoop {
    /// As `forEachConnection`, for a body that throws.
    func forEachConnectionOrThrow(_ body: (Connection) throws -> Void) throws {
        var connections: [Connection] = []
        forEachConnection { connections.append($0) }
        try connections.forEach(body)
    }
}
