/// The payload of `reject`: a message was not accepted. A debugging aid, never to be relied on.
///
/// Source: `PROTOCOL` 2.14, BIP 61.
public struct RejectMessage: Hashable, Sendable {
    /// The command of the refused message, as quoted; up to 12 bytes that need not be text.
    public var commandBytes: [UInt8]
    /// Why, as a code.
    public var code: RejectCode
    /// Why, in words; need not be text.
    public var reasonBytes: [UInt8]
    /// Which transaction or block. Present when the command is `tx` or `block`; accepted with any.
    public var hash: Hash256?
    /// Bytes after the last field, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// A reject of a command, or of nothing nameable when `command` is `nil`.
    public init(command: Command?, code: RejectCode, reason: String, hash: Hash256? = nil) {
        commandBytes = command.map { Array($0.bytes.prefix { $0 != 0 }) } ?? []
        self.code = code
        reasonBytes = Array(reason.utf8)
        self.hash = hash
    }

    /// A reject from its bytes.
    public init(commandBytes: [UInt8], code: RejectCode, reasonBytes: [UInt8], hash: Hash256? = nil) {
        self.commandBytes = commandBytes
        self.code = code
        self.reasonBytes = reasonBytes
        self.hash = hash
    }

    /// The command of the refused message; `nil` when the quoted bytes cannot be one.
    public var command: Command? {
        (1...Command.byteCount).contains(commandBytes.count) ? Command(padding: commandBytes) : nil
    }

    /// The reason as text, with what is no UTF-8 replaced.
    public var reason: String { String(decoding: reasonBytes, as: UTF8.self) }
}

extension RejectMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> RejectMessage {
        let command = try span.readByteRange(
            at: &offset, maximum: UInt64(max(0, limits.maxRejectCommandLength)), "rejected command")
        let code = RejectCode(rawValue: try span.readUInt8(at: &offset, "code"))
        let reason = try span.readByteRange(
            at: &offset, maximum: UInt64(max(0, limits.maxRejectReasonLength)), "reason")
        var message = RejectMessage(
            commandBytes: [UInt8](copying: span.extracting(command)), code: code,
            reasonBytes: [UInt8](copying: span.extracting(reason)))
        if offset < span.byteCount {
            message.hash = try span.readHash(at: &offset, "hash")
            message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        }
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int {
        CompactSize.encodedLength(commandBytes.count) + commandBytes.count + 1
            + CompactSize.encodedLength(reasonBytes.count) + reasonBytes.count
            + (hash == nil ? 0 : Hash256.byteCount) + trailingBytes.count
    }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(commandBytes.count, atMost: limits.maxRejectCommandLength, "rejected command")
        try EncodeError.require(reasonBytes.count, atMost: limits.maxRejectReasonLength, "reason")
        if hash == nil, !trailingBytes.isEmpty { throw .inconsistent("trailing bytes") }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeCount(commandBytes.count)
        writer.writeBytes(commandBytes)
        writer.writeUInt8(code.rawValue)
        writer.writeCount(reasonBytes.count)
        writer.writeBytes(reasonBytes)
        if let hash { writer.writeHash(hash) }
        writer.writeBytes(trailingBytes)
    }
}
