import Glibc
import PeerLoop
import TestSupport
import Testing

@Suite struct AdoptTests {
    private func pair(_ type: __socket_type = SOCK_STREAM) throws -> (Int32, Int32) {
        var numbers: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(type.rawValue), 0, &numbers) == 0)
        return (numbers[0], numbers[1])
    }

    @Test(arguments: [true, false]) func aPairOfUnixSocketsEchoes(shared: Bool) async throws {
        let recorder = Recorder()
        let message = pattern(2 << 20)
        let (here, there) = try pair()
        try await TwoLoops.with(shared: shared) { loops in
            try await loops.second.submit { loop in
                let handler = TestHandler(Recorder(), onReceive: { $1.write($0) })
                let connection = try loop.adopt(descriptor: there, isInbound: true, handler: handler)
                #expect(!connection.isOpen, "never before the call returns")
                #expect(connection.remoteAddress == .unspecified)
            }
            try await loops.first.submit { loop in
                let handler = TestHandler(recorder, onOpen: { $0.write(message) })
                try loop.adopt(descriptor: here, isInbound: false, handler: handler)
            }
            #expect(await recorder.receive(message.count) == message)
            #expect(fcntl(here, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(here, F_GETFD) & FD_CLOEXEC != 0)
        }
    }

    @Test func aTCPConnectionIsServedWithItsAddresses() async throws {
        let listener = try BlockingListener()
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            let port = listener.port
            let (number, answer) = try await runBlocking {
                let number = try BlockingSocket(port: port).takeDescriptor()
                let accepted = try listener.accept()
                try accepted.send([1, 2, 3])
                accepted.shutDownWriting()
                let addresses = try loops.first.submitAndWait { loop in
                    let handler = TestHandler(
                        recorder,
                        onOpen: {
                            $0.write([7, 8])
                            $0.pauseReading()
                        })
                    let connection = try loop.adopt(descriptor: number, isInbound: false, handler: handler)
                    return (connection.remoteAddress, try connection.localAddress().isLoopback)
                }
                #expect(addresses == (SocketAddress(ipv4: 127, 0, 0, 1, port: port), true))
                return (number, try accepted.receive(exactly: 2))
            }
            #expect(number >= 0)
            #expect(answer == [7, 8])
            loops.first.run { loop in loop.forEachConnection { $0.resumeReading() } }
            #expect(await recorder.receive(3) == [1, 2, 3])
            #expect(await recorder.waitForClose() == .endOfStream)
        }
    }

    @Test func writingToAGoneOtherEndIsAnErrorAndNoSignal() async throws {
        let (here, there) = try pair()
        let recorder = Recorder()
        try await TwoLoops.with(shared: true) { loops in
            close(there)
            try await loops.first.submit { loop in
                let handler = TestHandler(
                    recorder,
                    onOpen: {
                        $0.pauseReading()
                        $0.write([1])
                    })
                try loop.adopt(
                    descriptor: here, remoteAddress: SocketAddress(ipv4: 192, 0, 2, 1, port: 1), isInbound: false,
                    handler: handler)
            }
            guard case .failed(let error)? = await recorder.waitForClose() else {
                Issue.record("nobody noticed")
                return
            }
            #expect(error.isReset)
        }
    }

    private func refusal(_ number: Int32) async throws -> SystemError? {
        let loop = try EventLoopHandle.start()
        defer { loop.shutdownAndWait(within: .zero) }
        return try await loop.submit { loop in
            do throws(SystemError) {
                try loop.adopt(descriptor: number, isInbound: true, handler: TestHandler(Recorder()))
                return nil
            } catch {
                #expect(loop.connectionCount == 0)
                return error
            }
        }
    }

    @Test(arguments: [-1, Int32.min, Int32.max]) func aNumberThatIsNotOpenIsRefused(_ number: Int32) async throws {
        #expect(try await refusal(number) == SystemError(.adopt, code: EBADF))
    }

    /// That the refused descriptor is closed shows at its other end.
    @Test func whatIsNoStreamSocketIsRefusedAndClosed() async throws {
        var pipes: [Int32] = [-1, -1]
        try #require(pipe(&pipes) == 0)
        #expect(try await refusal(pipes[1]) == SystemError(.adopt, code: ENOTSOCK))
        var byte: UInt8 = 0
        #expect(read(pipes[0], &byte, 1) == 0)
        close(pipes[0])

        let (here, there) = try pair(SOCK_SEQPACKET)
        #expect(try await refusal(here) == SystemError(.adopt, code: EPROTOTYPE))
        #expect(read(there, &byte, 1) == 0)
        close(there)
    }

    @Test func whatIsNotConnectedIsRefused() async throws {
        for family in [AF_INET, AF_INET6, AF_UNIX] {
            let unconnected = socket(family, Int32(SOCK_STREAM.rawValue), 0)
            try #require(unconnected >= 0)
            #expect(try await refusal(unconnected) == SystemError(.adopt, code: ENOTCONN))
        }
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listen(listening, 1) == 0)
        #expect(try await refusal(listening) == SystemError(.adopt, code: ENOTCONN))
    }
}
