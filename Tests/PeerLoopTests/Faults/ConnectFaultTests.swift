import Glibc
import PeerLoop
import TestSupport
import Testing

/// Connects that come to nothing. Nothing leaves this machine.
@Suite(.timeLimit(.minutes(1))) struct ConnectFaultTests {
    /// Refused where it is asked for, before anything is sent; the handler hears nothing.
    @Test(
        arguments: [
            // A stream cannot be made to many at once.
            (SocketAddress(ipv4: 255, 255, 255, 255, port: 9), nil),
            (SocketAddress(ipv4: 224, 0, 0, 1, port: 9), nil),
            // No such address is this machine's.
            (SocketAddress(ipv4: 127, 0, 0, 1, port: 9), SocketAddress(ipv4: 192, 0, 2, 1, port: 0)),
            // Another family than the source's.
            (SocketAddress(ipv4: 127, 0, 0, 1, port: 9), SocketAddress(numericHost: "::1", port: 0)),
        ] as [(SocketAddress, SocketAddress?)])
    func whatCannotBegin(_ address: SocketAddress, _ source: SocketAddress?) async throws {
        let witness = Witness()
        try await withLoop { handle in
            let hasBegun = try await handle.submit { loop in
                do throws(SystemError) {
                    try loop.connect(
                        to: address, from: source, within: .seconds(20), handler: WitnessHandler(witness))
                    return true
                } catch {
                    return false
                }
            }
            #expect(!hasBegun)
            try await handle.expectConnections(0)
            try await handle.expectQuiet()
            #expect(witness.now.closes.isEmpty && witness.now.openedCount == 0)
        }
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func whatIsRefused(_ host: String) async throws {
        let witness = Witness()
        let absent = try Endpoint.refusing(host)
        defer { withExtendedLifetime(absent) {} }
        let address = absent.address
        try await withLoop { handle in
            try await handle.submit { loop in
                for _ in 0..<50 {
                    _ = try loop.connect(
                        to: address, within: .seconds(20), handler: WitnessHandler(witness))
                }
            }
            await witness.wait { $0.closes.count == 50 }
            try await handle.expectQuiet()
            #expect(witness.now.openedCount == 0)
            for cause in witness.now.closes {
                #expect(cause == .connectFailed(SystemError(.connect, code: ECONNREFUSED)))
            }
            try await handle.expectConnections(0)
        }
    }

    /// A listener with its queue full leaves further attempts without any answer.
    private func withSilence(_ body: (EventLoopHandle, SocketAddress, Witness) async throws -> Void) async throws {
        let listener = try BlockingListener(backlog: 0)
        let address = SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port)
        let filler = try BlockingSocket(port: listener.port)
        let witness = Witness()
        try await withLoop { handle in
            try await body(handle, address, witness)
            try await handle.expectConnections(0)
            #expect(witness.now.openedCount == 0)
        }
        filler.close()
    }

    @Test func whatIsNotAnsweredEndsAtItsDeadline() async throws {
        try await withSilence { handle, address, witness in
            // So that what follows comes in a tick that begins later.
            try await handle.submit { _ in }
            let begin = ContinuousClock.now
            try await handle.submit { loop in
                for _ in 0..<20 {
                    try loop.connect(to: address, within: .milliseconds(150), handler: WitnessHandler(witness))
                }
            }
            try await handle.expectQuiet("nobody answers")
            await witness.wait { $0.closes.count == 20 }
            #expect(ContinuousClock.now - begin >= .milliseconds(145))
            #expect(witness.now.closes.are(20, .connectTimedOut))
        }
    }

    @Test func whatIsGivenUpMeanwhileEndsOnce() async throws {
        try await withSilence { handle, address, witness in
            try await handle.submit { loop in
                for index in 0..<30 {
                    let connection = try loop.connect(
                        to: address, within: .seconds(30), handler: WitnessHandler(witness))
                    // Nothing of this is for one that is not open.
                    connection.write([1], witness)
                    #expect(!connection.tryWrite([1]))
                    connection.pauseReading()
                    connection.shutDownWriting()
                    switch index % 3 {
                    case 0: connection.close()
                    case 1: connection.reset()
                    default: connection.finish(within: .seconds(30))
                    }
                    connection.close()
                }
            }
            await witness.wait { $0.closes.count == 30 }
            try await handle.expectQuiet()
            #expect(witness.now.closes == Array(repeating: .closedLocally, count: 30))
            #expect(witness.now.outcomes == Array(repeating: .connectionClosed, count: 30))
        }
    }

    @Test func whatIsNotAnsweredWhenTheLoopStopsEndsThen() async throws {
        try await withSilence { handle, address, witness in
            try await handle.submit { loop in
                for _ in 0..<20 {
                    try loop.connect(to: address, within: .seconds(30), handler: WitnessHandler(witness))
                }
                loop.schedule(after: .milliseconds(10)) { loop in loop.forEachConnection { $0.close() } }
            }
            await witness.wait { $0.closes.count == 20 }
        }
    }

    /// What is written to a proxy waits, and goes out, as anything else does; it was counted only when it went out.
    @Test func whatAProxyIsToldIsCounted() async throws {
        let witness = Witness()
        try await ProxyScene.through { client in
            _ = try ProxyScene.takeRequest(client)
            try client.send(ProxyScene.granted + [1])
            _ = try client.receiveToEnd()
        } handler: {
            WitnessHandler(witness, received: { $1.finish(within: .seconds(30)) })
        } _: { handle in
            await witness.wait { $0.bytes == [1] }
            for _ in 0..<2 { try await handle.submit { _ in } }
            #expect(handle.metrics().queues.outputBytes == 0)
        }
    }

    /// Hosts, too, and through a proxy.
    @Test(arguments: [Int64.max, 0, -1, .min], [false, true]) func aHostWithAnyLimit(
        _ seconds: Int64, _ isProxied: Bool
    ) async throws {
        let absent = try Endpoint.refusing()
        defer { withExtendedLifetime(absent) {} }
        let port = absent.address.port
        var options = HostConnectOptions()
        if isProxied { options.proxy = SOCKS5.Proxy(SocketAddress(ipv4: 127, 0, 0, 1, port: port)) }
        let chosen = options
        let target = try HostAndPort(host: "127.0.0.1", port: port)
        let resolver = try Resolver()
        let failures = Witness()
        let witness = Witness()
        try await withLoop { handle in
            try await handle.submit { loop in
                _ = loop.connect(
                    toHost: target, resolver: resolver, options: chosen, within: .seconds(seconds),
                    handler: WitnessHandler(witness), failed: { _ in failures.note { $0.deadlineCount += 1 } })
            }
            await failures.wait { $0.deadlineCount == 1 }
            try await handle.expectQuiet()
        }
        #expect(failures.now.deadlineCount == 1)
        #expect(witness.now.openedCount == 0 && witness.now.closes.isEmpty)
    }

    /// Paused before it was made, it is paused when it is.
    @Test func pausingBeforeItIsMadeHolds() async throws {
        let listener = try BlockingListener()
        let witness = Witness()
        try await withLoop { handle in
            try await handle.submit { loop in
                let connection = try loop.connect(
                    to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port), within: .seconds(30),
                    handler: WitnessHandler(witness))
                connection.pauseReading()
            }
            let other = try listener.accept()
            try other.send([1, 2])
            try other.waitUntilTaken()
            await witness.wait { $0.openedCount == 1 }
            try await handle.expectQuiet()
            #expect(witness.now.bytes.isEmpty)
            try await handle.submit { loop in loop.forEachConnection { $0.resumeReading() } }
            await witness.wait { $0.bytes == [1, 2] }
        }
    }

    /// For ever, and for longer than the clock can tell, are times like any other.
    @Test(arguments: [Int64.max, 9_223_372_036, 9_223_372_037, 0, -1, .min]) func withAnyLimit(_ seconds: Int64)
        async throws
    {
        let listener = try BlockingListener()
        let witness = Witness()
        // Also in the first millisecond of a loop, when all its times are near zero.
        for _ in 0..<20 {
            try await withLoop { handle in
                try await handle.submit { loop in
                    let limit = Duration.seconds(seconds)
                    let connection = try loop.connect(
                        to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port), within: limit,
                        handler: WitnessHandler(witness))
                    connection.setDeadline(loop.now.advanced(by: limit))
                    loop.schedule(after: limit) { _ in }
                }
                try await handle.submit { loop in
                    loop.forEachConnection { $0.setDeadline(loop.now.advanced(by: .seconds(seconds))) }
                }
            }
        }
        #expect(witness.now.closes.count == 20)
    }
}
