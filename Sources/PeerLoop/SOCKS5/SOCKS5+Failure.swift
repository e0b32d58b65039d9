internal import Glibc

extension SOCKS5 {
    /// Why a connection through a proxy was not made.
    public enum Failure: Error, Hashable, Sendable, BitwiseCopyable {
        /// The proxy itself could not be connected to.
        case proxyUnreachable(SystemError)
        /// The connection to the proxy broke while the two talked.
        case connectionLost(SystemError)
        /// The proxy ended the connection without a word, or in the middle of one.
        case closedEarly
        /// What answered is not a SOCKS5 proxy: an answer began with this byte.
        case wrongVersion(UInt8)
        /// The proxy accepts no method of authentication that was offered.
        case noAcceptableMethod
        /// The proxy chose a method of authentication that was not offered.
        case unofferedMethod(UInt8)
        /// The proxy does not know the user name or the password; this is its status.
        case credentialsRefused(status: UInt8)
        /// The proxy could not connect, or did not want to.
        case refused(Reply)
        /// The proxy told an address of a kind that does not exist.
        case unknownAddressType(UInt8)
    }

    /// What a proxy answers in place of success.
    public enum Reply: Hashable, Sendable, BitwiseCopyable {
        /// 1: general failure.
        case generalFailure
        /// 2: not allowed by the proxy's rules.
        case notAllowed
        /// 3: network unreachable.
        case networkUnreachable
        /// 4: host unreachable. Also said of names that do not exist.
        case hostUnreachable
        /// 5: connection refused.
        case connectionRefused
        /// 6: time to live expired. Tor says so when its own attempt takes too long.
        case timeToLiveExpired
        /// 7: command not supported.
        case commandNotSupported
        /// 8: address type not supported.
        case addressTypeNotSupported
        /// 0xF0: the onion service's descriptor is not found. These and the next seven are Tor's, which says them where
        /// its `SocksPort` is set to `ExtendedErrors` (Tor proposal 304).
        case onionDescriptorNotFound
        /// 0xF1: the onion service's descriptor is invalid.
        case onionDescriptorInvalid
        /// 0xF2: the introduction to the onion service failed.
        case onionIntroductionFailed
        /// 0xF3: the rendezvous with the onion service failed.
        case onionRendezvousFailed
        /// 0xF4: the onion service wants client authorization, and there is none.
        case onionAuthorizationMissing
        /// 0xF5: the onion service does not accept the client authorization.
        case onionAuthorizationWrong
        /// 0xF6: the onion address is invalid.
        case onionAddressInvalid
        /// 0xF7: the introduction to the onion service took too long.
        case onionIntroductionTimedOut
        /// A code without a meaning here.
        case other(UInt8)

        /// The reply of a code. `nil` for 0, which is success.
        init?(code: UInt8) {
            switch code {
            case 0: return nil
            case 1...8: self = Self.standard[Int(code) - 1]
            case 0xf0...0xf7: self = Self.onion[Int(code) - 0xf0]
            default: self = .other(code)
            }
        }

        private static let standard: [Reply] = [
            .generalFailure, .notAllowed, .networkUnreachable, .hostUnreachable, .connectionRefused,
            .timeToLiveExpired, .commandNotSupported, .addressTypeNotSupported,
        ]

        private static let onion: [Reply] = [
            .onionDescriptorNotFound, .onionDescriptorInvalid, .onionIntroductionFailed, .onionRendezvousFailed,
            .onionAuthorizationMissing, .onionAuthorizationWrong, .onionAddressInvalid, .onionIntroductionTimedOut,
        ]
    }
}

extension SOCKS5.Failure {
    /// What comes nearest to this among the errors of a connect without a proxy.
    public var nearestSystemError: SystemError {
        switch self {
        case .proxyUnreachable(let error): error
        case .connectionLost(let error): error
        case .closedEarly: SystemError(.connect, code: ECONNRESET)
        case .credentialsRefused, .noAcceptableMethod: SystemError(.connect, code: EACCES)
        case .wrongVersion, .unofferedMethod, .unknownAddressType: SystemError(.connect, code: EPROTO)
        case .refused(let reply): SystemError(.connect, code: reply.nearestCode)
        }
    }
}

extension SOCKS5.Reply {
    fileprivate var nearestCode: Int32 {
        switch self {
        case .notAllowed, .onionAuthorizationMissing, .onionAuthorizationWrong: EACCES
        case .networkUnreachable: ENETUNREACH
        case .hostUnreachable, .onionDescriptorNotFound, .onionDescriptorInvalid: EHOSTUNREACH
        case .connectionRefused, .onionIntroductionFailed, .onionRendezvousFailed: ECONNREFUSED
        case .timeToLiveExpired, .onionIntroductionTimedOut: ETIMEDOUT
        case .commandNotSupported, .addressTypeNotSupported: EOPNOTSUPP
        case .onionAddressInvalid: EADDRNOTAVAIL
        case .generalFailure, .other: EIO
        }
    }
}

extension SOCKS5.Failure: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .proxyUnreachable(let error): "proxy: \(error)"
        case .connectionLost(let error): "proxy: \(error)"
        case .closedEarly: "proxy: closed the connection instead of answering"
        case .wrongVersion(let version): "proxy: not SOCKS5, an answer began with \(version)"
        case .noAcceptableMethod: "proxy: accepts none of the offered methods of authentication"
        case .unofferedMethod(let method): "proxy: chose the method of authentication \(method), which was not offered"
        case .credentialsRefused(let status): "proxy: refused the user name or the password (status \(status))"
        case .refused(let reply): "proxy: \(reply)"
        case .unknownAddressType(let type): "proxy: told an address of the unknown type \(type)"
        }
    }
}

extension SOCKS5.Reply: CustomStringConvertible {
    /// What the code means.
    public var description: String {
        switch self {
        case .generalFailure: "general failure"
        case .notAllowed: "not allowed by its rules"
        case .networkUnreachable: "the target's network is unreachable"
        case .hostUnreachable: "the target is unreachable"
        case .connectionRefused: "the target refused the connection"
        case .timeToLiveExpired: "time to live expired"
        case .commandNotSupported: "command not supported"
        case .addressTypeNotSupported: "address type not supported"
        case .onionDescriptorNotFound: "onion service descriptor not found"
        case .onionDescriptorInvalid: "onion service descriptor invalid"
        case .onionIntroductionFailed: "introduction to the onion service failed"
        case .onionRendezvousFailed: "rendezvous with the onion service failed"
        case .onionAuthorizationMissing: "the onion service wants client authorization"
        case .onionAuthorizationWrong: "the onion service does not accept the client authorization"
        case .onionAddressInvalid: "onion address invalid"
        case .onionIntroductionTimedOut: "introduction to the onion service timed out"
        case .other(let code): "unknown reply \(code)"
        }
    }
}
