/// A message that an application defines: its command, its limit, how it is read and written.
///
/// Register the type with a ``MessageRegistry`` and give that to the decoder; the message then comes out as
/// `Message.custom` and is sent like any other.
///
/// ```swift
/// struct Greeting: CustomMessage {
///     static let command = Command(literal: "greeting")
///     static let maximumPayload = 64
///     var text: [UInt8]
///
///     static func decode(
///         from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
///     ) throws(DecodeError) -> Greeting {
///         Greeting(text: try span.readBytes(at: &offset, maximum: 63, "text"))
///     }
///     var encodedLength: Int { CompactSize.encodedLength(text.count) + text.count }
///     func encode(into writer: inout ByteWriter) {
///         writer.writeCount(text.count)
///         writer.writeBytes(text)
///     }
/// }
/// ```
public protocol CustomMessage: Hashable, Sendable {
    /// The command on the wire. Not one that this library has a type for.
    static var command: Command { get }
    /// The longest payload in bytes, checked when the header is there and before a message is sent.
    static var maximumPayload: Int { get }
    /// The lowest protocol version at which the message exists; `nil`, the default, when there is none.
    static var minimumVersion: ProtocolVersion? { get }

    /// Reads the payload, which begins at `offset`, and leaves `offset` after the last byte it read. Bytes that it
    /// leaves are an error. Called on the thread that decodes; must not trust a count before the bytes are there
    /// (`RawSpan.readCount(at:maximum:itemSize:_:)` does that).
    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> Self

    /// Says why the message may not be sent; the default has nothing to say.
    func check() throws(EncodeError)
    /// Number of bytes that ``encode(into:)`` writes.
    var encodedLength: Int { get }
    /// Writes the payload.
    func encode(into writer: inout ByteWriter)
}

extension CustomMessage {
    /// Exists at every version.
    public static var minimumVersion: ProtocolVersion? { nil }
    /// Nothing to say.
    public func check() throws(EncodeError) {}
}

/// A message of an application's own type.
public struct AnyCustomMessage: Sendable {
    /// The message.
    public let base: any CustomMessage

    /// Any message of an application's own type.
    public init(_ message: some CustomMessage) {
        base = message
    }

    /// The message if it is of that type.
    public func `as`<Custom: CustomMessage>(_ type: Custom.Type) -> Custom? { base as? Custom }

    /// The command on the wire.
    public var command: Command { type(of: base).command }
    /// The longest payload in bytes.
    public var maximumPayload: Int { type(of: base).maximumPayload }
    /// The lowest protocol version at which the message exists.
    public var minimumVersion: ProtocolVersion? { type(of: base).minimumVersion }
}

extension AnyCustomMessage: Hashable {
    /// Equal when the types are the same and the messages are equal.
    public static func == (left: AnyCustomMessage, right: AnyCustomMessage) -> Bool { left.base.isEqual(right.base) }

    /// Hashes the message.
    public func hash(into hasher: inout Hasher) { base.hash(into: &hasher) }
}

extension CustomMessage {
    fileprivate func isEqual(_ other: any CustomMessage) -> Bool { other as? Self == self }
}

extension AnyCustomMessage: WireEncodable {
    func encodedLength(_ version: ProtocolVersion) -> Int { base.encodedLength }
    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        if !command.isWellFormed || MessageKind(command) != nil { throw .inconsistent("command") }
        try base.check()
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) { base.encode(into: &writer) }
}
