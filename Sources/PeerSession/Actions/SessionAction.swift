public import PeerWire

/// What the host is to do for a session, in the order of the list.
public enum SessionAction: Sendable, Hashable, BitwiseCopyable {
    // MARK: Send

    /// Send a `version` with the node's configuration, ``PeerSession/localNonce`` and this height; `nil` when the
    /// session was not to ask for it.
    case sendVersion(startHeight: Int32?)
    /// Send the node's `extversion`.
    case sendExtendedVersion
    /// Send a `sendaddrv2`.
    case sendAddressesV2
    /// Send a `verack`.
    case sendVerack
    /// Send a `xverack`.
    case sendXVerack
    /// Send a `ping` with this nonce, or without one to a peer of protocol version 60000 or below.
    case sendPing(nonce: UInt64?)
    /// Send a `pong` with this nonce; its payload is that of the ping, so this is its checksum.
    case sendPong(nonce: UInt64, checksum: UInt32)
    /// Send a `reject` of the named command.
    case sendReject(command: Command, code: RejectCode, reason: RejectReason)
    /// Send an `inv` of these of ``ActionList/inventory``; see ``ActionList/items(first:count:)``.
    case sendInventory(first: Int32, count: Int32)

    // MARK: Pass on

    /// Hand the message of this event to the application.
    ///
    /// Before `established` only `version`, `verack`, `extversion`, `sendaddrv2`, `reject` and unknown commands, among
    /// which an application may negotiate its own, are delivered.
    case deliver
    /// Hand the `addr` or `addrv2` of this event to the application, whole: the first so many of its entries are within
    /// the peer's rate, the rest over it.
    case deliverAddresses(withinRate: Int)
    /// Give the items of this event's `inv` to ``PeerSession/remember(_:)``: the peer knows them.
    case remember
    /// Keep the message of this event, with the event: too much waits to be sent for its answer to be made now.
    case postpone
    /// Give the oldest postponed event to ``PeerSession/handlePostponed(_:at:into:)``, and carry out its actions before
    /// the next of this list.
    case releasePostponed

    // MARK: Ask

    /// Ask the host for the height of its newest block; answered by ``SessionEvent/newestBlock(height:)``. Until then
    /// no frame may be given to the session.
    case askNewestBlock
    /// Ask the host whether it accepts the peer, whose `version` was delivered just before; answered by
    /// ``SessionEvent/versionAccepted`` or ``SessionEvent/versionRefused(_:)``. Until then no frame may be given to the
    /// session.
    case askVersionAcceptance

    // MARK: Change

    /// The handshake is done at this negotiated version: send what was held back for it.
    case established(version: ProtocolVersion)
    /// The peer's offences are too many, this one the last: its address should not be connected to or accepted for a
    /// while. Its `close` follows.
    case discourage(Offence)
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
    /// The host refused the peer's version: it knows why, and puts its own text here.
    case host

    /// The text on the wire: ASCII of at most 111 bytes, the most that a reader of `reject` takes (`PROTOCOL` 2.14).
    public var text: String {
        switch self {
        case .violation(.beforeVersion): "a version message must precede all others"
        case .violation(.beforeVerack): "a verack message must precede this one"
        case .violation(.duplicateVersion): "duplicate version message"
        case .violation(.duplicateVerack): "duplicate verack message"
        case .violation(.duplicateXVersion): "duplicate xversion message"
        case .violation(.withoutBloomService): "bloom filters are not served"
        case .obsoleteVersion(let minimum): "protocol version must be \(minimum) or greater"
        // In hexadecimal, as the names of many bits together would be too long.
        case .missingServices(let services): "required services are missing: 0x" + String(services.rawValue, radix: 16)
        case .refusedFrame(let refusal): "message " + refusal.text
        case .host: "version refused"
        }
    }
}
