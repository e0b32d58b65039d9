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

    /// `addrv2` with these entries.
    public static func addressesV2(_ addresses: [PeerAddress]) -> Message {
        .addressesV2(AddressesV2Message(addresses))
    }

    /// `getblocks` after the first known block of the locator, newest first.
    public static func getBlocks(locator: [Hash256], stop: Hash256 = .zero) -> Message {
        .getBlocks(GetBlocksMessage(locator: locator, stop: stop))
    }

    /// A message of the application's own.
    public static func custom(_ message: some CustomMessage) -> Message { .custom(AnyCustomMessage(message)) }
}
