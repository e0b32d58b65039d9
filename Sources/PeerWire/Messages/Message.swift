/// Any message of the protocol: what listeners get and what is queued for sending.
public enum Message: Hashable, Sendable {
    /// `version`: opens the handshake.
    indirect case version(VersionMessage)
    /// `verack`: accepts the other side's `version`.
    case verack
    /// `ping`: asks for a `pong` with the same nonce. Without a nonce at protocol version 60000 and below only.
    case ping(nonce: UInt64?)
    /// `pong`: answers a `ping`.
    case pong(nonce: UInt64)
    /// `getaddr`: asks for addresses.
    case getAddresses
    /// `addr`: addresses of nodes.
    case addresses(AddressesMessage)
    /// `inv`: what the sender has.
    case inventory(InventoryMessage)
    /// `reject`: a message was not accepted.
    indirect case reject(RejectMessage)
    /// `getdata`: what the sender wants.
    case getData(InventoryMessage)
    /// `notfound`: what the sender was asked for and does not have.
    case notFound(InventoryMessage)
    /// `getheaders`: asks for headers.
    indirect case getHeaders(GetHeadersMessage)
    /// `headers`: block headers, as an answer or an announcement.
    case headers(HeadersMessage)
    /// `tx`: a transaction.
    case transaction(Transaction)
    /// `block`: a block.
    case block(Block)
    /// `sendheaders`: announce blocks to the sender by `headers`.
    case sendHeaders
    /// `sendcmpct`: announce blocks to the sender as compact blocks.
    case sendCompact(SendCompactMessage)
    /// `feefilter`: announce no transaction that pays less, in satoshis for a thousand bytes. Any number is read; sound
    /// ones are 0 to 2,100,000,000,000,000.
    case feeFilter(rate: Int64)
    /// A command without a type here, with its payload as received.
    case unknown(Command, WireBytes)

    /// The kind of the message, or `nil` for ``unknown(_:_:)``.
    public var kind: MessageKind? {
        switch self {
        case .version: .version
        case .verack: .verack
        case .ping: .ping
        case .pong: .pong
        case .getAddresses: .getAddresses
        case .addresses: .addresses
        case .inventory: .inventory
        case .reject: .reject
        case .getData: .getData
        case .notFound: .notFound
        case .getHeaders: .getHeaders
        case .headers: .headers
        case .transaction: .transaction
        case .block: .block
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact
        case .feeFilter: .feeFilter
        case .unknown: nil
        }
    }

    /// The command on the wire.
    public var command: Command {
        if case .unknown(let command, _) = self { return command }
        // Every other case has a kind, and an empty command is refused when it is encoded.
        return kind?.command ?? Command(low: 0, high: 0)
    }
}

extension Message {
    /// `getaddr`, by the name it has on the wire.
    public static var getAddr: Message { .getAddresses }

    /// `addr` with these entries.
    public static func addresses(_ addresses: [TimestampedAddress]) -> Message {
        .addresses(AddressesMessage(addresses))
    }

    /// `inv` with these entries.
    public static func inventory(_ items: [InventoryVector]) -> Message { .inventory(InventoryMessage(items)) }

    /// `getdata` with these entries.
    public static func getData(_ items: [InventoryVector]) -> Message { .getData(InventoryMessage(items)) }

    /// `notfound` with these entries.
    public static func notFound(_ items: [InventoryVector]) -> Message { .notFound(InventoryMessage(items)) }

    /// `headers` with these headers.
    public static func headers(_ headers: [BlockHeader]) -> Message { .headers(HeadersMessage(headers)) }

    /// `getheaders` after the first known block of the locator, newest first.
    public static func getHeaders(locator: [Hash256], stop: Hash256 = .zero) -> Message {
        .getHeaders(GetHeadersMessage(locator: locator, stop: stop))
    }

    /// `sendcmpct`.
    public static func sendCompact(highBandwidth: Bool, version: UInt64 = 1) -> Message {
        .sendCompact(SendCompactMessage(highBandwidth: highBandwidth, version: version))
    }

    /// `reject` of a message.
    public static func reject(
        _ command: Command, _ code: RejectCode, reason: String, hash: Hash256? = nil
    ) -> Message {
        .reject(RejectMessage(command: command, code: code, reason: reason, hash: hash))
    }
}
