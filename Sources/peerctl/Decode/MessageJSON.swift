import PeerKit

/// A message's fields as a JSON object, the same for every command that prints messages.
///
/// Hashes are in display order, scripts and payloads hexadecimal, times in seconds since 1970. Fields that only odd
/// senders fill (`trailing_hex`, bytes that are no clean text) are there only when they are.
enum MessageJSON {
    static func write(_ message: Message, into writer: inout JSONWriter) {
        writer.object("message") { writeFields(message, into: &$0) }
    }

    /// The switch names every message, so that a new one cannot be forgotten here.
    private static func writeFields(_ message: Message, into writer: inout JSONWriter) {
        switch message {
        case .version(let version): writer.fields(version)
        case .verack, .getAddresses, .sendHeaders: break
        case .ping(let nonce):
            if let nonce { writer.field("nonce", opaque: nonce) } else { writer.null("nonce") }
        case .pong(let nonce): writer.field("nonce", opaque: nonce)
        case .addresses(let addresses): writer.fields(addresses)
        case .inventory(let inventory), .getData(let inventory), .notFound(let inventory): writer.fields(inventory)
        case .reject(let reject): writer.fields(reject)
        case .getHeaders(let request): writer.fields(request)
        case .headers(let headers): writer.fields(headers)
        case .transaction(let transaction): writer.fields(transaction)
        case .block(let block): writer.fields(block)
        case .sendCompact(let preference): writer.fields(preference)
        case .feeFilter(let rate): writer.field("rate", rate)
        case .unknown(_, let payload): writer.field("payload_hex", hex: payload)
        default: break
        }
    }
}

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

    fileprivate mutating func fields(_ message: AddressesMessage) {
        array("addresses", message.addresses) { writer, entry in
            writer.object { writer in
                writer.field("time", entry.time)
                writer.fields(entry.address)
            }
        }
        trailing(message.trailingBytes)
    }

    private mutating func fields(_ address: NetworkAddress) {
        services(address.services)
        field("ip", address.hostDescription)
        field("port", address.port)
    }

    mutating func services(_ services: Services) {
        field("services", services.rawValue)
        let names = services.isEmpty ? [] : services.description.split(separator: "|")
        array("service_names", names) { $0.string(String($1)) }
    }

    fileprivate mutating func fields(_ message: InventoryMessage) {
        array("items", message.items) { writer, item in
            writer.object { writer in
                writer.field("type", item.kind.rawValue)
                writer.field("kind", item.kind.description)
                writer.field("hash", item.hash)
            }
        }
        trailing(message.trailingBytes)
    }

    fileprivate mutating func fields(_ message: RejectMessage) {
        text("rejected", orHex: "rejected_hex", message.commandBytes)
        field("code", message.code.rawValue)
        field("code_name", message.code.description)
        text("reason", orHex: "reason_hex", message.reasonBytes)
        if let hash = message.hash { field("hash", hash) }
        trailing(message.trailingBytes)
    }

    fileprivate mutating func fields(_ message: SendCompactMessage) {
        field("high_bandwidth", message.isHighBandwidth)
        if message.announceByte > 1 { field("announce_byte", message.announceByte) }
        field("version", message.version)
    }

    /// Bytes that should be text, and hexadecimal as well where they are not.
    private mutating func text(_ name: StaticString, orHex hexName: StaticString, _ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        field(name, text)
        if !text.utf8.elementsEqual(bytes) { field(hexName, hex: bytes) }
    }

    mutating func trailing(_ bytes: [UInt8]) {
        if !bytes.isEmpty { field("trailing_hex", hex: bytes) }
    }
}

extension NetworkAddress {
    /// The address alone, an IPv6 one without its brackets.
    var hostDescription: String {
        let host = description.dropLast(1 + String(port).count)
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
    }
}
