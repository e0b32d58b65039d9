import PeerKit

/// What nodes say of themselves, as JSON fields.
extension JSONWriter {
    mutating func fields(_ message: VersionMessage) {
        field("protocol_version", message.protocolVersion.rawValue)
        services(message.services)
        field("time", message.timestamp)
        object("receiver") { $0.fields(message.receiver) }
        object("sender") { $0.fields(message.sender) }
        field("nonce", opaque: message.nonce)
        text("user_agent", orHex: "user_agent_hex", message.userAgent.bytes)
        field("height", message.startHeight)
        field("relay", message.relay)
        if message.relayByte > 1 { field("relay_byte", message.relayByte) }
        if message.lastField != .relay { field("last_field", Self.name(message.lastField)) }
        trailing(message.trailingBytes)
    }

    private static func name(_ field: VersionMessage.LastField) -> String {
        switch field {
        case .receiver: "receiver"
        case .sender: "sender"
        case .nonce: "nonce"
        case .userAgent: "user_agent"
        case .startHeight: "height"
        case .relay: "relay"
        }
    }

    mutating func fields(_ message: ExtendedVersionMessage) {
        if let version = message.version { field("version", version.description) } else { null("version") }
        array("entries", message.entries) { writer, entry in
            writer.object { writer in
                writer.field("key", opaque: entry.key)
                writer.field("value", hex: entry.value)
            }
        }
        trailing(message.trailingBytes)
    }

    /// The payload, and the map if it is one.
    mutating func fields(_ message: XVersionMessage) {
        field("payload_hex", hex: message.payload)
        if let map = message.map { object("map") { $0.fields(map) } } else { null("map") }
    }
}
