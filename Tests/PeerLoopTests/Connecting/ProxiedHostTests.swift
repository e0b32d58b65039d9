import Glibc
import PeerLoop
import TestSupport
import Testing

/// Hosts that are connected to by name, through a proxy.
@Suite(.timeLimit(.minutes(1))) struct ProxiedHostTests {
    private typealias Connect = @Sendable () async throws(HostConnectError) -> ConnectionID

    /// Through a proxy that does what `serve` says. The resolver is never asked.
    private func connect<Value: Sendable>(
        to host: String = "a.onion",
        _ serve: @escaping @Sendable (BlockingSocket) throws -> Value,
        _ body: (_ connect: @escaping Connect) async throws -> Void
    ) async throws -> Value {
        let listener = try BlockingListener()
        let resolver = TestResolver { _ throws(ResolveError) in
            Issue.record("the name was looked up")
            throw .stopped
        }
        var options = HostConnectOptions()
        options.proxy = SOCKS5.Proxy(SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port))
        let target = try HostAndPort(host: host, port: 80)
        let value = try await withLoop { loop in
            async let served = runBlocking { try serve(try listener.accept()) }
            let connect: Connect = { [options] () throws(HostConnectError) in
                try await loop.connect(toHost: target, resolver: resolver, options: options, within: .seconds(30)) {
                    TestHandler(Recorder())
                }
            }
            try await body(connect)
            try await loop.submit { loop in loop.forEachConnection { $0.close() } }
            return try await served
        }
        #expect(resolver.askedCount == 0)
        return value
    }

    @Test func aNameIsNeverLookedUp() async throws {
        let request = try await connect({ client in
            _ = try client.receive(exactly: 3)
            try client.send([5, 0])
            let request = try client.receive(exactly: 14)
            try client.send([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            return request
        }) { connect in
            _ = try await connect()
        }
        #expect(request == [5, 1, 0, 3, 7] + Array("a.onion".utf8) + [0, 80])
    }

    @Test func whatTheProxySaysIsTold() async throws {
        _ = try await connect({ client in
            _ = try client.receive(exactly: 3)
            try client.send([5, 0])
            _ = try client.receive(exactly: 14)
            try client.send([5, 0xf7])
        }) { connect in
            await #expect(throws: HostConnectError.proxy(.refused(.onionIntroductionTimedOut))) { try await connect() }
        }
    }

    @Test func aSilentProxyIsLeftAtTheDeadline() async throws {
        // Connections are made and nobody takes them.
        let silent = try Endpoint.open()
        let proxy = SOCKS5.Proxy(silent.address)
        #expect(try await failure(proxy, within: .milliseconds(100)) == .timedOut([]))
        withExtendedLifetime(silent) {}
    }

    @Test func itMayBeCancelled() async throws {
        let reached = Gate()
        reached.open()
        _ = try await connect({ client in
            reached.pass()
            return try client.receiveToEnd()
        }) { connect in
            let connecting = Task { try await connect() }
            try await reached.reached()
            connecting.cancel()
            await #expect(throws: HostConnectError.cancelled) { try await connecting.value }
        }
    }

    /// How connecting through a proxy that is not there fails.
    private func failure(
        _ proxy: SOCKS5.Proxy, host: String = "a.onion", within limit: Duration = .seconds(30)
    ) async throws -> HostConnectError? {
        var options = HostConnectOptions()
        options.proxy = proxy
        let target = try HostAndPort(host: host, port: 80)
        return try await withLoop { [options] loop in
            do throws(HostConnectError) {
                try await loop.connect(
                    toHost: target, resolver: TestResolver([]), options: options, within: limit
                ) { TestHandler(Recorder()) }
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func aProxyThatIsNotThereSaysSo() async throws {
        let absent = try Endpoint.refusing()
        let refusing = SOCKS5.Proxy(absent.address)
        let refused = SystemError(.connect, code: ECONNREFUSED)
        #expect(try await failure(refusing) == .proxy(.proxyUnreachable(refused)))
        withExtendedLifetime(absent) {}
        // One that cannot even be begun with.
        let nowhere = SOCKS5.Proxy(try UnixAddress(path: "/nowhere/socket"))
        let missing = SystemError(.connect, code: ENOENT)
        #expect(try await failure(nowhere) == .proxy(.proxyUnreachable(missing)))
    }

    @Test func aNameThatNoProxyTakesIsRefused() async throws {
        let host = String(repeating: "a", count: 256)
        let reason = SOCKS5.InputError.host(byteCount: 256).description
        let error = try await failure(SOCKS5.Proxy(try Endpoint.refusing().address), host: host)
        #expect(error == .resolution(.unresolvable(host: host, reason: reason)))
    }
}
