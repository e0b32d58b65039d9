import Glibc
import PeerLoop
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct AdoptTests {
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

    /// Time stamps that the maker of a socket asked for are no failure, and do not have the loop spin.
    @Test(arguments: [true, false]) func newsInTheQueueOfErrorsIsDropped(isPaused: Bool) async throws {
        let listener = try BlockingListener()
        let recorder = Recorder()
        let client = try BlockingSocket(port: listener.port)
        let accepted = try listener.accept()
        let number = client.takeDescriptor()
        // When it is acknowledged; told as software saw it.
        var flags: Int32 = 1 << 9 | 1 << 4
        let timeStamping: Int32 = 37
        let isSet = setsockopt(number, SOL_SOCKET, timeStamping, &flags, socklen_t(MemoryLayout<Int32>.size)) == 0
        try await TwoLoops.with(shared: true) { loops in
            try #require(isSet)
            try await loops.first.submit { loop in
                let handler = TestHandler(
                    recorder,
                    onOpen: {
                        if isPaused { $0.pauseReading() }
                        $0.write([1, 2, 3])
                    })
                try loop.adopt(descriptor: number, isInbound: false, handler: handler)
            }
            let received = try accepted.receive(exactly: 3)
            #expect(received == [1, 2, 3])
            try await loops.first.expectQuiet("a time stamp came")
            try await loops.first.expectConnections(1)
            try accepted.send([4])
            try await loops.first.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            let answer = await recorder.receive(1)
            #expect(answer == [4])
        }
    }

    /// The maker of a socket had a close wait for what was sent, for which the loop would wait.
    @Test func aCloseDoesNotWait() async throws {
        let listener = try BlockingListener()
        let number = try BlockingSocket(port: listener.port).takeDescriptor()
        var option = linger(l_onoff: 1, l_linger: 30)
        var size = socklen_t(MemoryLayout<linger>.size)
        try #require(setsockopt(number, SOL_SOCKET, SO_LINGER, &option, size) == 0)
        let socket = try AdoptedSocket(descriptor: number)
        try #require(getsockopt(number, SOL_SOCKET, SO_LINGER, &option, &size) == 0)
        #expect(option.l_onoff == 0)
        // That it ends with a reset is its maker's business.
        option = linger(l_onoff: 1, l_linger: 0)
        let other = try BlockingSocket(port: listener.port).takeDescriptor()
        try #require(setsockopt(other, SOL_SOCKET, SO_LINGER, &option, size) == 0)
        let resetting = try AdoptedSocket(descriptor: other)
        try #require(getsockopt(other, SOL_SOCKET, SO_LINGER, &option, &size) == 0)
        #expect(option.l_onoff == 1 && option.l_linger == 0)
        withExtendedLifetime((socket, resetting)) {}
    }

    /// Over a Unix socket the other side may read no more without hanging up, of which there is no report: after a
    /// write has failed, what it has sent is read, and that is the end.
    @Test(arguments: [0, 100_000], [false, true])
    func whoeverReadsNoMoreIsHeardOutAndClosed(sent: Int, directly: Bool) async throws {
        let (here, there) = try pair()
        let witness = Witness()
        try await TwoLoops.with(shared: true) { loops in
            let message = pattern(sent)
            try #require(message.withUnsafeBytes { write(there, $0.baseAddress, sent) } == sent)
            try #require(shutdown(there, Int32(SHUT_RD)) == 0)
            try await loops.first.submit { loop in
                let handler: any ConnectionHandler = directly ? DirectReader(witness) : WitnessHandler(witness)
                let connection = try loop.adopt(descriptor: here, isInbound: false, handler: handler)
                // Behind the opening, in the same round, and before anything is read.
                loop.schedule(after: .zero) { _ in connection.write([1]) }
            }
            let cause = try await witness.waitForOnlyClose(on: loops.first)
            #expect(cause == .failed(SystemError(.write, code: EPIPE)))
            #expect(witness.now.bytes == message)
        }
        close(there)
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
