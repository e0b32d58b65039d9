/// Connections through a SOCKS5 proxy (RFC 1928), with or without user name and password (RFC 1929), such as Tor's.
///
/// ``EventLoop/connect(to:through:options:within:handler:)`` makes one. Host names go to the proxy as they are: nothing
/// is looked up here.
public enum SOCKS5 {
    /// A proxy, and who one is to it.
    public struct Proxy: Hashable, Sendable {
        /// Where the proxy listens.
        public enum Endpoint: Hashable, Sendable {
            /// At an address.
            case address(SocketAddress)
            /// On a Unix domain socket.
            case unix(UnixAddress)
        }

        /// Where the proxy listens.
        public var endpoint: Endpoint
        /// What this connection is to be known by; `nil` offers no user name at all.
        ///
        /// Where they are given they are used: a proxy that does not ask for them is refused
        /// (``Failure/noAcceptableMethod``). Tor keeps connections with different credentials on different circuits.
        public var credentials: Credentials?

        /// A proxy at an address.
        public init(_ address: SocketAddress, credentials: Credentials? = nil) {
            endpoint = .address(address)
            self.credentials = credentials
        }

        /// A proxy on a Unix domain socket.
        public init(_ address: UnixAddress, credentials: Credentials? = nil) {
            endpoint = .unix(address)
            self.credentials = credentials
        }
    }

    /// A user name and a password, of 1 to 255 bytes each. Neither is shown in any description.
    public struct Credentials: Hashable, Sendable {
        /// The user name.
        public let user: String
        /// The password.
        public let password: String

        /// Throws ``InputError`` when the user name or the password has not 1 to 255 bytes.
        public init(user: String, password: String) throws(InputError) {
            if !SOCKS5.textByteCounts.contains(user.utf8.count) { throw .user(byteCount: user.utf8.count) }
            if !SOCKS5.textByteCounts.contains(password.utf8.count) {
                throw .password(byteCount: password.utf8.count)
            }
            self.user = user
            self.password = password
        }
    }

    /// Where the proxy is to connect to.
    public struct Target: Hashable, Sendable {
        enum Host: Hashable {
            case address(SocketAddress)
            case name(String)
        }

        let host: Host
        /// The port, 0...65535.
        public let port: UInt16

        /// An address.
        public init(_ address: SocketAddress) {
            self.init(.address(address), address.port)
        }

        private init(_ host: Host, _ port: UInt16) {
            self.host = host
            self.port = port
        }

        /// A host by number or by name, which the proxy looks up.
        ///
        /// Throws ``InputError`` when the name has not 1 to 255 bytes, or has a zero among them.
        public init(host: String, port: UInt16) throws(InputError) {
            if let address = SocketAddress(numericHost: host, port: port) {
                self.init(address)
                return
            }
            if !SOCKS5.textByteCounts.contains(host.utf8.count) { throw .host(byteCount: host.utf8.count) }
            // A proxy might look up the name in front of it, which is another one.
            if host.utf8.contains(0) { throw .hostContainsZero }
            self.init(.name(host), port)
        }

        /// As ``init(host:port:)``.
        public init(_ target: HostAndPort) throws(InputError) {
            try self.init(host: target.host, port: target.port)
        }

        /// The address, where it is not a name.
        public var address: SocketAddress? {
            switch host {
            case .address(let address): address
            case .name: nil
            }
        }
    }

    /// What has no place in the protocol, whose texts have 1 to 255 bytes.
    public enum InputError: Error, Hashable, Sendable, BitwiseCopyable {
        /// A user name of so many bytes.
        case user(byteCount: Int)
        /// A password of so many bytes.
        case password(byteCount: Int)
        /// A host name of so many bytes.
        case host(byteCount: Int)
        /// A host name with a zero byte.
        case hostContainsZero
    }

    static let textByteCounts = 1...255
}

extension SOCKS5.Credentials: CustomStringConvertible, CustomReflectable {
    /// Says nothing of what they are.
    public var description: String { "SOCKS5 credentials" }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SOCKS5.Target: CustomStringConvertible {
    /// The host and the port, such as `example.org:80`.
    public var description: String {
        switch host {
        case .address(let address): address.description
        case .name(let name): "\(name):\(port)"
        }
    }
}

extension SOCKS5.InputError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .user(let count): "a SOCKS5 user name has 1 to 255 bytes, not \(count)"
        case .password(let count): "a SOCKS5 password has 1 to 255 bytes, not \(count)"
        case .host(let count): "a host name for a SOCKS5 proxy has 1 to 255 bytes, not \(count)"
        case .hostContainsZero: "a host name for a SOCKS5 proxy contains a zero byte"
        }
    }
}
