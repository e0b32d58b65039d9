import Glibc

/// A plain blocking TCP client for tests: a second, independent view of what the loop does on the wire.
///
/// Every call gives up after ``patience`` so that a failing test ends instead of hanging.
public final class BlockingSocket {
    /// How long one call may take, in seconds: generous, because a loaded machine is slow, and never reached when all
    /// is well.
    public static let patience = 30

    private var number: Int32

    /// What went wrong: the call and the system's error number.
    public struct Failure: Error, CustomStringConvertible {
        /// The call that failed.
        public let call: String
        /// The error number.
        public let code: Int32
        /// One line.
        public var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    /// Connects to a port of 127.0.0.1. `receiveBuffer` (bytes) must be set before connecting to bound the window.
    public init(port: UInt16, receiveBuffer: Int32? = nil, sendBuffer: Int32? = nil) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw Failure(call: "socket", code: errno) }
        if let receiveBuffer { set(SO_RCVBUF, receiveBuffer) }
        if let sendBuffer { set(SO_SNDBUF, sendBuffer) }
        Self.limitWaiting(number)
        var address = Self.loopback(port)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(call: "connect", code: errno) }
        var one: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    init(accepted number: Int32) {
        self.number = number
        Self.limitWaiting(number)
    }

    /// Has every call on a socket give up in the end.
    static func limitWaiting(_ number: Int32) {
        var time = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close()
    }

    static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private func set(_ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(number, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Writes everything.
    public func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(call: "send", code: errno)
            }
            offset += count
        }
    }

    /// At most `limit` bytes; an empty result is the end of the stream.
    public func receive(upTo limit: Int = 65536) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(number, &buffer, limit, 0)
            if count >= 0 { return Array(buffer[..<count]) }
            if errno != EINTR { throw Failure(call: "recv", code: errno) }
        }
    }

    /// Exactly `count` bytes, fewer only when the stream ends first.
    public func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = try receive(upTo: min(count - bytes.count, 1 << 16))
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }

    /// Everything until the stream ends.
    public func receiveToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = try receive()
            if part.isEmpty { return bytes }
            bytes += part
        }
    }

    /// Waits until the other side's kernel has everything that was sent.
    public func waitUntilTaken() throws {
        let end = ContinuousClock.now + .seconds(Self.patience)
        var left: Int32 = 0
        repeat {
            if ioctl(number, UInt(TIOCOUTQ), &left) != 0 { throw Failure(call: "ioctl", code: errno) }
            if left == 0 { return }
            poll(nil, 0, 1)
        } while ContinuousClock.now < end
        throw Failure(call: "waiting for what was sent", code: ETIMEDOUT)
    }

    /// Gives up the descriptor: whoever takes it closes it.
    public func takeDescriptor() -> Int32 {
        defer { number = -1 }
        return number
    }

    /// Ends this side of the stream.
    public func shutDownWriting() {
        shutdown(number, Int32(SHUT_WR))
    }

    /// Closes in order.
    public func close() {
        if number >= 0 { Glibc.close(number) }
        number = -1
    }

    /// Closes with a reset.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

/// A plain blocking listener on 127.0.0.1 for tests.
public final class BlockingListener: Sendable {
    private let number: Int32
    /// The port the system chose.
    public let port: UInt16

    /// Listens with the given backlog; 0 keeps one connection waiting, and further ones get no answer at all.
    public init(backlog: Int32 = 16) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw BlockingSocket.Failure(call: "socket", code: errno) }
        BlockingSocket.limitWaiting(number)
        var address = BlockingSocket.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socketNumber = number
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socketNumber, $0, length) == 0 && listen(socketNumber, backlog) == 0
                    && getsockname(socketNumber, $0, &length) == 0
            }
        }
        guard status else { throw BlockingSocket.Failure(call: "listen", code: errno) }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(number)
    }

    /// Waits for a connection.
    public func accept() throws -> BlockingSocket {
        let accepted = Glibc.accept(number, nil, nil)
        guard accepted >= 0 else { throw BlockingSocket.Failure(call: "accept", code: errno) }
        return BlockingSocket(accepted: accepted)
    }
}
