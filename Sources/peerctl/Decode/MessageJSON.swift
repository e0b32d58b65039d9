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
        case .verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVerack, .mempool, .filterClear: break
        case .version(let version): writer.fields(version)
        case .ping(let nonce):
            if let nonce { writer.field("nonce", opaque: nonce) } else { writer.null("nonce") }
        case .pong(let nonce): writer.field("nonce", opaque: nonce)
        case .addresses(let addresses): writer.fields(addresses)
        case .addressesV2(let addresses): writer.fields(addresses)
        case .inventory(let inventory), .getData(let inventory), .notFound(let inventory): writer.fields(inventory)
        case .reject(let reject): writer.fields(reject)
        case .getHeaders(let request), .getBlocks(let request): writer.fields(request)
        case .headers(let headers): writer.fields(headers)
        case .transaction(let transaction): writer.fields(transaction)
        case .block(let block): writer.fields(block)
        case .sendCompact(let preference): writer.fields(preference)
        case .feeFilter(let rate): writer.field("rate", rate)
        case .extendedVersion(let message): writer.fields(message)
        case .xVersion(let message): writer.fields(message)
        case .filterLoad(let filter): writer.fields(filter)
        case .filterAdd(let addition): writer.fields(addition)
        case .merkleBlock(let block): writer.fields(block)
        case .compactBlock(let block): writer.fields(block)
        case .getBlockTransactions(let request): writer.fields(request)
        case .blockTransactions(let answer): writer.fields(answer)
        case .getCommittedFilters(let request), .getCommittedFilterHeaders(let request): writer.fields(request)
        case .committedFilter(let filter): writer.fields(filter)
        case .committedFilterHeaders(let headers): writer.fields(headers)
        case .getCommittedFilterCheckpoints(let request): writer.fields(request)
        case .committedFilterCheckpoints(let checkpoints): writer.fields(checkpoints)
        case .getCommittedFilterMempool(let type): writer.field("filter_type", type.rawValue)
        case .doubleSpendProof(let proof): writer.fields(proof)
        case .custom(let custom): writer.fields(custom)
        case .unknown(_, let payload): writer.field("payload_hex", hex: payload)
        }
    }
}

extension JSONWriter {
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

    /// What the application's own type writes; `null` when it refuses to.
    fileprivate mutating func fields(_ message: AnyCustomMessage) {
        if let payload = try? Message.custom(message).payload() {
            field("payload_hex", hex: payload)
        } else {
            null("payload_hex")
        }
    }

    /// Bytes that should be text, and hexadecimal as well where they are not.
    mutating func text(_ name: StaticString, orHex hexName: StaticString, _ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        field(name, text)
        if !text.utf8.elementsEqual(bytes) { field(hexName, hex: bytes) }
    }

    mutating func trailing(_ bytes: [UInt8]) {
        if !bytes.isEmpty { field("trailing_hex", hex: bytes) }
    }
}
