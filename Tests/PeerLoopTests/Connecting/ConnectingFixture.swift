import Foundation
import Glibc
import PeerLoop
import TestSupport
import Testing

@testable import class PeerLoop.Monitor

/// A loop that ends with the test.
func withLoop<Value: Sendable>(_ body: (EventLoopHandle) async throws -> Value) async throws -> Value {
    let handle = try EventLoopHandle.start()
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(handle))
    } catch {
        result = .failure(error)
    }
    await handle.shutdown(within: .zero)
    return try result.get()
}

/// Something that threads wait for until a test opens it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waitingCount = 0
    }

    private let monitor = Monitor(State())

    /// Blocks until the gate is open.
    func pass() {
        monitor.withLock { $0.waitingCount += 1 }
        monitor.broadcast()
        monitor.wait { $0.isOpen ? () : nil }
    }

    func open() {
        monitor.withLock { $0.isOpen = true }
        monitor.broadcast()
    }

    /// Waits until so many have come to the gate, open or not.
    func reached(by count: Int = 1) async throws {
        try await runBlocking { [monitor] in monitor.wait { $0.waitingCount >= count ? () : nil } }
    }
}

/// True where this machine has the address.
func canUse(_ host: String) -> Bool {
    guard let address = SocketAddress(numericHost: host, port: 0) else { return false }
    guard let listener = try? Endpoint.listening(at: address, backlog: 1) else { return false }
    close(listener.number)
    return true
}

/// Addresses on this machine that answer, do not answer, or cannot be reached.
final class Endpoint: Sendable {
    let address: SocketAddress
    private let number: Int32
    private let filling: [Int32]

    private init(_ address: SocketAddress, _ number: Int32, filling: [Int32] = []) {
        self.address = address
        self.number = number
        self.filling = filling
    }

    deinit {
        for number in filling + [number] where number >= 0 { close(number) }
    }

    struct Failure: Error {
        let call: String
        let code: Int32
    }

    fileprivate static func listening(
        at address: SocketAddress, backlog: Int32?
    ) throws -> (number: Int32, address: SocketAddress) {
        let number = socket(family(of: address), Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw Failure(call: "socket", code: errno) }
        var storage = sockaddr_storage()
        var length = fill(&storage, with: address)
        let isListening = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, length) == 0 && (backlog.map { listen(number, $0) == 0 } ?? true)
                    && getsockname(number, $0, &length) == 0
            }
        }
        guard isListening else {
            let code = errno
            close(number)
            throw Failure(call: "listen", code: code)
        }
        // The port is at the same place in both.
        let port = withUnsafeBytes(of: &storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
        return (number, address.with(port: port))
    }

    private static func family(of address: SocketAddress) -> Int32 { address.family == .ipv4 ? AF_INET : AF_INET6 }

    private static func fill(_ storage: inout sockaddr_storage, with address: SocketAddress) -> socklen_t {
        let isIPv4 = address.family == .ipv4
        let bytes = address.mappedBytes
        withUnsafeMutableBytes(of: &storage) { raw in
            raw.storeBytes(of: sa_family_t(family(of: address)), as: sa_family_t.self)
            raw[2] = UInt8(address.port >> 8)
            raw[3] = UInt8(address.port & 0xff)
            for index in 0..<(isIPv4 ? 4 : 16) {
                raw[(isIPv4 ? 4 : 8) + index] = bytes[(isIPv4 ? 12 : 0) + index]
            }
        }
        return socklen_t(isIPv4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
    }

    /// Takes connections and does nothing with them.
    static func open(_ host: String = "127.0.0.1") throws -> Endpoint {
        let (number, address) = try listening(at: try any(host), backlog: 128)
        return Endpoint(address, number)
    }

    /// Leaves attempts without any answer, as a firewall does: its queue is full, so that the kernel drops them.
    static func silent(_ host: String = "127.0.0.1") throws -> Endpoint {
        let (number, address) = try listening(at: try any(host), backlog: 0)
        let client = socket(family(of: address), Int32(SOCK_STREAM.rawValue), 0)
        var storage = sockaddr_storage()
        let length = fill(&storage, with: address)
        let status = withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
        }
        let endpoint = Endpoint(address, number, filling: [client])
        guard status == 0 else { throw Failure(call: "connect", code: errno) }
        return endpoint
    }

    /// Refuses: a port that is somebody's who does not listen, and so nobody else's while this is kept.
    static func refusing(_ host: String = "127.0.0.1") throws -> Endpoint {
        let (number, address) = try listening(at: try any(host), backlog: nil)
        return Endpoint(address, number)
    }

    /// An address to which TCP has no way: the kernel says so at once, and nothing is sent.
    static let unreachable = SocketAddress(ipv4: 255, 255, 255, 255, port: 1)

    private static func any(_ host: String) throws -> SocketAddress {
        try #require(SocketAddress(numericHost: host, port: 0))
    }
}

/// Answers as a test says, and counts.
final class TestResolver: HostResolver {
    private let answer: @Sendable (HostAndPort) async throws(ResolveError) -> [SocketAddress]
    private let count = Lock(0)

    init(_ answer: @escaping @Sendable (HostAndPort) async throws(ResolveError) -> [SocketAddress]) {
        self.answer = answer
    }

    convenience init(_ addresses: [SocketAddress]) {
        self.init { _ in addresses }
    }

    var askedCount: Int { count.withLock { $0 } }

    func addresses(of target: HostAndPort) async throws(ResolveError) -> [SocketAddress] {
        count.withLock { $0 += 1 }
        return try await answer(target)
    }
}
