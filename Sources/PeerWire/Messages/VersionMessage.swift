/// The payload of `version`, the first message of either side.
///
/// Old senders end it early; where, ``lastField`` says, and the fields after that have their defaults. What was present
/// is encoded again exactly, bytes after the last field included. Source: `PROTOCOL` 2.15.
public struct VersionMessage: Hashable, Sendable {
    /// The places where a `version` may end.
    public enum LastField: UInt8, Hashable, Sendable, Comparable, CaseIterable, BitwiseCopyable {
        /// After ``VersionMessage/receiver``: 46 bytes.
        case receiver
        /// After ``VersionMessage/sender``: 72 bytes.
        case sender
        /// After ``VersionMessage/nonce``: 80 bytes.
        case nonce
        /// After ``VersionMessage/userAgent``.
        case userAgent
        /// After ``VersionMessage/startHeight``.
        case startHeight
        /// After ``VersionMessage/relay``: the full form.
        case relay

        /// Orders by place.
        public static func < (left: LastField, right: LastField) -> Bool { left.rawValue < right.rawValue }
    }

    /// The highest protocol version the sender speaks.
    public var protocolVersion: ProtocolVersion
    /// What the sender offers.
    public var services: Services
    /// The sender's clock, in seconds since 1970.
    public var timestamp: Int64
    /// The receiver as the sender sees it.
    public var receiver: NetworkAddress
    /// The sender as it sees itself. Default: all zero.
    public var sender: NetworkAddress
    /// Tells a connection to oneself. Default: 0.
    public var nonce: UInt64
    /// The sender's software. Default: empty.
    public var userAgent: UserAgent
    /// The height of the sender's newest block. Default: 0.
    public var startHeight: Int32
    /// The byte of ``relay``: any but 0 means true, and it is kept as received.
    public var relayByte: UInt8
    /// The last field on the wire.
    public var lastField: LastField
    /// Bytes after ``relay``, kept as received; empty in messages made here. Only in the full form.
    public var trailingBytes: [UInt8] = []

    /// A full `version`.
    public init(
        protocolVersion: ProtocolVersion = .current, services: Services, timestamp: Int64,
        receiver: NetworkAddress = .unspecified, sender: NetworkAddress = .unspecified, nonce: UInt64,
        userAgent: UserAgent, startHeight: Int32 = 0, relay: Bool = true
    ) {
        self.protocolVersion = protocolVersion
        self.services = services
        self.timestamp = timestamp
        self.receiver = receiver
        self.sender = sender
        self.nonce = nonce
        self.userAgent = userAgent
        self.startHeight = startHeight
        relayByte = relay ? 1 : 0
        lastField = .relay
    }

    /// Whether the sender wants transactions announced. Default: true.
    public var relay: Bool {
        get { relayByte != 0 }
        set { relayByte = newValue ? 1 : 0 }
    }
}

extension VersionMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> VersionMessage {
        var message = VersionMessage(
            protocolVersion: ProtocolVersion(rawValue: try span.readInt32(at: &offset, "protocol version")),
            services: Services(rawValue: try span.readUInt64(at: &offset, "services")),
            timestamp: try span.readInt64(at: &offset, "timestamp"),
            receiver: try NetworkAddress.decode(from: span, at: &offset, "receiver"),
            nonce: 0, userAgent: .empty)
        message.lastField = .receiver
        try message.decodeTail(from: span, at: &offset, limits: limits)
        return message
    }

    /// Which fields are there is told by the bytes left, not by the version number.
    private mutating func decodeTail(
        from span: RawSpan, at offset: inout Int, limits: borrowing WireLimits
    ) throws(DecodeError) {
        if offset == span.byteCount { return }
        sender = try NetworkAddress.decode(from: span, at: &offset, "sender")
        lastField = .sender
        if offset == span.byteCount { return }
        nonce = try span.readUInt64(at: &offset, "nonce")
        lastField = .nonce
        if offset == span.byteCount { return }
        let agent = try span.readByteRange(
            at: &offset, maximum: UInt64(max(0, limits.maxUserAgentLength)), "user agent")
        userAgent = UserAgent(bytes: [UInt8](copying: span.extracting(agent)))
        lastField = .userAgent
        if offset == span.byteCount { return }
        startHeight = try span.readInt32(at: &offset, "start height")
        lastField = .startHeight
        if offset == span.byteCount { return }
        relayByte = try span.readUInt8(at: &offset, "relay")
        lastField = .relay
        trailingBytes = [UInt8](copying: span.extracting(offset..<span.byteCount))
        offset = span.byteCount
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        let agentLength = userAgent.bytes.count
        let agent = CompactSize.encodedLength(agentLength) + agentLength
        return switch lastField {
        case .receiver: 46
        case .sender: 72
        case .nonce: 80
        case .userAgent: 80 + agent
        case .startHeight: 84 + agent
        case .relay: 85 + agent + trailingBytes.count
        }
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(userAgent.bytes.count, atMost: limits.maxUserAgentLength, "user agent")
        if lastField != .relay, !trailingBytes.isEmpty { throw .inconsistent("trailing bytes") }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeInt32(protocolVersion.rawValue)
        writer.writeUInt64(services.rawValue)
        writer.writeInt64(timestamp)
        receiver.encode(into: &writer)
        if lastField >= .sender { sender.encode(into: &writer) }
        if lastField >= .nonce { writer.writeUInt64(nonce) }
        if lastField >= .userAgent {
            writer.writeCount(userAgent.bytes.count)
            writer.writeBytes(userAgent.bytes)
        }
        if lastField >= .startHeight { writer.writeInt32(startHeight) }
        if lastField >= .relay {
            writer.writeUInt8(relayByte)
            writer.writeBytes(trailingBytes)
        }
    }
}
