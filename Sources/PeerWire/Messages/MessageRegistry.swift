/// The messages that an application has added to the protocol's own.
///
/// A value; made once, then given to every decoder. Looked at only for commands that this library does not know.
public struct MessageRegistry: Sendable {
    /// Why a type is not registered.
    public enum RegistrationError: Error, Hashable, Sendable {
        /// The library has a type for this command.
        case builtIn(Command)
        /// Another type has this command.
        case duplicate(Command)
        /// The command is not 1...12 printable characters.
        case malformedCommand(Command)
        /// The limit is negative or more than a header can declare.
        case limitOutOfRange(Command, Int)
    }

    private struct Entry: Sendable {
        let maximumPayload: Int
        let minimumVersion: ProtocolVersion?
        let decode: @Sendable ([UInt8], ProtocolVersion) throws(DecodeError) -> AnyCustomMessage
    }

    private var entries: [Command: Entry] = [:]

    /// No messages.
    public init() {}

    /// Adds a type.
    ///
    /// - Throws: why its command or limit will not do.
    public mutating func register<Custom: CustomMessage>(_ type: Custom.Type) throws(RegistrationError) {
        let command = type.command
        let limit = type.maximumPayload
        if MessageKind(command) != nil { throw .builtIn(command) }
        if entries[command] != nil { throw .duplicate(command) }
        if !command.isWellFormed { throw .malformedCommand(command) }
        if limit < 0 || limit > WireLimits.maximumDeclarable { throw .limitOutOfRange(command, limit) }
        entries[command] = Entry(maximumPayload: limit, minimumVersion: type.minimumVersion) {
            (payload, version) throws(DecodeError) in
            var offset = 0
            let message = try Custom.decode(from: payload.span.bytes, at: &offset, protocolVersion: version)
            if offset != payload.count {
                throw DecodeError(
                    field: "payload", offset: offset, reason: .trailingBytes(count: payload.count - offset))
            }
            return AnyCustomMessage(message)
        }
    }

    /// The commands added, in no order.
    public var commands: [Command] { Array(entries.keys) }

    /// The longest payload of an added command; `nil` for one that was not added.
    public func maximumPayload(for command: Command) -> Int? { entries[command]?.maximumPayload }

    /// The message of an added command; `nil` for one that was not added.
    func decode(
        _ command: Command, _ payload: [UInt8], _ version: ProtocolVersion
    ) throws(DecodeError) -> AnyCustomMessage? {
        guard let entry = entries[command] else { return nil }
        if payload.count > entry.maximumPayload {
            throw DecodeError(
                field: "payload", offset: 0,
                reason: .payloadTooLong(length: payload.count, limit: entry.maximumPayload))
        }
        if let minimum = entry.minimumVersion, version < minimum {
            throw DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: minimum))
        }
        return try entry.decode(payload, version)
    }
}
