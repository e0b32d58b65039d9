public import PeerWire

/// What the host is to do for a session, in the order of the list.
public enum SessionAction: Sendable, Hashable, BitwiseCopyable {
    /// Send a `version` with the node's configuration and ``PeerSession/localNonce``.
    case sendVersion
    /// Send a `verack`.
    case sendVerack
    /// Send a `ping` with this nonce, or without one to a peer of protocol version 60000 or below.
    case sendPing(nonce: UInt64?)
    /// Send a `pong` with this nonce; its payload is that of the ping, so this is its checksum.
    case sendPong(nonce: UInt64, checksum: UInt32)
    /// Send a `reject` of the named command.
    case sendReject(command: Command, code: RejectCode, reason: RejectReason)
    /// Hand the message of this event to the application.
    ///
    /// Before `established` only `version`, `verack`, `extversion`, `sendaddrv2`, `reject` and unknown commands, among
    /// which an application may negotiate its own, are delivered.
    case deliver
    /// The handshake is done at this negotiated version: send what was held back for it.
    case established(version: ProtocolVersion)
    /// Close the transport. The last action of a session, given exactly once; it comes for a transport that has ended
    /// already, too, as it carries the reason. With `flushFirst`, first send what is queued, shut down writing and
    /// drain input for a bounded time, so that the goodbye is read and not lost to a reset.
    case close(DisconnectReason, flushFirst: Bool)
}

/// The reason given in a `reject` message that a session sends.
public enum RejectReason: Sendable, Hashable, BitwiseCopyable {
    /// A message where it must not be.
    case violation(ProtocolViolation)
    /// The peer's version is below this minimum.
    case obsoleteVersion(minimum: ProtocolVersion)
    /// The peer lacks these required services.
    case missingServices(Services)
    /// A frame or payload refused by the codec.
    case refusedFrame(FrameRefusal)

    /// The text on the wire: ASCII of at most 111 bytes, the most that a reader of `reject` takes (`PROTOCOL` 2.14).
    public var text: String {
        switch self {
        case .violation(.beforeVersion): "a version message must precede all others"
        case .violation(.beforeVerack): "a verack message must precede this one"
        case .violation(.duplicateVersion): "duplicate version message"
        case .violation(.duplicateVerack): "duplicate verack message"
        case .obsoleteVersion(let minimum): "protocol version must be \(minimum) or greater"
        // In hexadecimal, as the names of many bits together would be too long.
        case .missingServices(let services): "required services are missing: 0x" + String(services.rawValue, radix: 16)
        case .refusedFrame(let refusal): "message " + refusal.text
        }
    }
}
