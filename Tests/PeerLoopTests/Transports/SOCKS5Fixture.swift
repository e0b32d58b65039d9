import PeerLoop
import TestSupport
import Testing

/// A client on a loop, and a proxy that says what a test has it say.
enum ProxyScene {
    static let granted: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    static let name = "abcdefghijklmnop.onion"
    static let nameRequest: [UInt8] = [5, 1, 0, 3, 22] + Array(name.utf8) + [0x20, 0x8d]

    static func target() throws -> SOCKS5.Target { try SOCKS5.Target(host: name, port: 8333) }

    /// Takes part in a negotiation without authentication up to the request, which it returns.
    static func takeRequest(_ client: BlockingSocket, byteCount: Int = nameRequest.count) throws -> [UInt8] {
        let greeting = try client.receive(exactly: 3)
        guard greeting == [5, 1, 0] else { return greeting }
        return try takeRequestOnly(client, byteCount: byteCount)
    }

    /// The same behind the greeting.
    static func takeRequestOnly(
        _ client: BlockingSocket, byteCount: Int = nameRequest.count
    ) throws -> [UInt8] {
        try client.send([5, 0])
        return try client.receive(exactly: byteCount)
    }

    /// Connects through a proxy that does what `serve` says, on a loop that ends with the test.
    static func through<Value: Sendable>(
        _ serve: @escaping @Sendable (BlockingSocket) throws -> Value,
        to target: SOCKS5.Target? = nil, credentials: SOCKS5.Credentials? = nil, within limit: Duration = .seconds(30),
        handler: @escaping @Sendable () -> any ConnectionHandler,
        _ body: (EventLoopHandle) async throws -> Void = { _ in }
    ) async throws -> Value {
        let listener = try BlockingListener()
        let proxy = SOCKS5.Proxy(
            SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port), credentials: credentials)
        let target = try target ?? Self.target()
        return try await withLoop { loop in
            async let served = runBlocking { try serve(try listener.accept()) }
            try await loop.submit { loop in
                let connection = try loop.connect(to: target, through: proxy, within: limit, handler: handler())
                #expect(!connection.isOpen)
                #expect(connection.remoteAddress == target.address ?? .unspecified)
            }
            try await body(loop)
            return try await served
        }
    }
}
