import Glibc
import PeerLoop
import TestSupport
import Testing

/// Through proxies that do not want to, cannot, or should not be talked to.
@Suite(.timeLimit(.minutes(1))) struct SOCKS5FailureTests {
    /// What a hostile or helpless proxy does, once it has taken the greeting, and what is heard of it.
    private struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let failure: SOCKS5.Failure
        var credentials = false
        let serve: @Sendable (BlockingSocket) throws -> Void
    }

    private static let hostile: [Hostile] = [
        Hostile(testDescription: "speaks HTTP", failure: .wrongVersion(0x48)) { try $0.send(Array("HTTP/1.1".utf8)) },
        Hostile(testDescription: "speaks SOCKS4", failure: .wrongVersion(0)) { try $0.send([0, 0x5a]) },
        Hostile(testDescription: "accepts no method", failure: .noAcceptableMethod) { try $0.send([5, 0xff]) },
        Hostile(testDescription: "wants a password", failure: .unofferedMethod(2)) { try $0.send([5, 2]) },
        Hostile(testDescription: "wants none", failure: .unofferedMethod(0), credentials: true) {
            try $0.send([5, 0])
        },
        Hostile(testDescription: "knows no such user", failure: .credentialsRefused(status: 1), credentials: true) {
            try $0.send([5, 2])
            _ = try $0.receive(exactly: 5)
            try $0.send([1, 1])
        },
        Hostile(testDescription: "closes at once", failure: .closedEarly) { _ in },
        Hostile(testDescription: "closes after half a method", failure: .closedEarly) { try $0.send([5]) },
        Hostile(testDescription: "closes in the reply", failure: .closedEarly) {
            _ = try ProxyScene.takeRequestOnly($0)
            try $0.send(ProxyScene.granted.dropLast())
        },
        Hostile(testDescription: "closes in a refusal", failure: .refused(.connectionRefused)) {
            _ = try ProxyScene.takeRequestOnly($0)
            try $0.send([5, 5])
        },
        Hostile(testDescription: "knows no such service", failure: .refused(.onionDescriptorNotFound)) {
            _ = try ProxyScene.takeRequestOnly($0)
            try $0.send([5, 0xf0, 0, 1, 0, 0, 0, 0, 0, 0])
        },
        Hostile(testDescription: "tells an address of no type", failure: .unknownAddressType(2)) {
            _ = try ProxyScene.takeRequestOnly($0)
            try $0.send([5, 0, 0, 2, 0])
        },
        Hostile(testDescription: "floods", failure: .wrongVersion(7)) { client in
            _ = try ProxyScene.takeRequestOnly(client)
            // The client is gone before it has all of it.
            try? client.send([UInt8](repeating: 7, count: 1 << 20))
        },
        Hostile(
            testDescription: "resets", failure: .connectionLost(SystemError(.read, code: ECONNRESET))
        ) { client in
            _ = try ProxyScene.takeRequestOnly(client)
            client.reset()
        },
    ]

    @Test(arguments: hostile.indices) func whateverAProxyDoesIsTyped(_ index: Int) async throws {
        let hostile = Self.hostile[index]
        let recorder = Recorder()
        let credentials = hostile.credentials ? try SOCKS5.Credentials(user: "u", password: "p") : nil
        _ = try await ProxyScene.through(
            { client in
                _ = try client.receive(exactly: 3)
                try hostile.serve(client)
            }, credentials: credentials
        ) {
            TestHandler(recorder)
        } _: { loop in
            let first = await recorder.wait { _ in true }
            #expect(first == .closed(.proxyFailed(hostile.failure)), "\(hostile.testDescription)")
            try await loop.expectConnections(0)
        }
        #expect(CloseCause.proxyFailed(hostile.failure).description.hasPrefix("proxy: "))
    }

    @Test func aProxyThatIsNotThereSaysSo() async throws {
        let recorder = Recorder()
        let absent = try Endpoint.refusing()
        defer { withExtendedLifetime(absent) {} }
        let proxy = SOCKS5.Proxy(absent.address)
        try await withLoop { loop in
            try await loop.submit { loop in
                _ = try loop.connect(
                    to: ProxyScene.target(), through: proxy, within: .seconds(30), handler: TestHandler(recorder))
            }
            let error = SystemError(.connect, code: ECONNREFUSED)
            #expect(await recorder.waitForClose() == .proxyFailed(.proxyUnreachable(error)))
        }
    }

    /// The deadline is one for all, wherever the proxy falls silent.
    @Test(arguments: [0, 1, 2, 3]) func aSilentProxyIsLeftAtTheDeadline(_ stage: Int) async throws {
        let recorder = Recorder()
        let left = Gate()
        _ = try await ProxyScene.through(
            { client in
                if stage > 0 { _ = try client.receive(exactly: 3) }
                if stage > 1 { try? client.send([5, 0]) }
                // On a busy machine it may be over by now.
                if stage > 1 { _ = try? client.receive(exactly: ProxyScene.nameRequest.count) }
                if stage > 2 { try? client.send(ProxyScene.granted.dropLast()) }
                left.pass()
            }, within: .milliseconds(100)
        ) {
            TestHandler(recorder)
        } _: { loop in
            #expect(await recorder.wait { _ in true } == .closed(.connectTimedOut))
            try await loop.expectConnections(0)
            left.open()
        }
    }

    @Test func aProxyWithoutAnswerIsLeftAtTheDeadline() async throws {
        let silent = try Endpoint.silent()
        let recorder = Recorder()
        try await withLoop { loop in
            try await loop.submit { loop in
                _ = try loop.connect(
                    to: ProxyScene.target(), through: SOCKS5.Proxy(silent.address), within: .milliseconds(100),
                    handler: TestHandler(recorder))
            }
            #expect(await recorder.waitForClose() == .connectTimedOut)
        }
    }
}
