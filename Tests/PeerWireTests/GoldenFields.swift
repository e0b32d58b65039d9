import PeerWire

/// A message's fields in the form of the vectors.
struct GoldenFields {
    let version: ProtocolVersion

    /// `nil` for messages that the vectors do not have.
    func fields(of message: Message) -> GoldenField? {
        switch message {
        case .verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVersion, .xVerack, .mempool, .filterClear:
            .object([:])
        case .version(let version): Self.fields(of: version)
        case .ping(let nonce): .object(nonce.map { ["nonce": .decimal($0)] } ?? [:])
        case .pong(let nonce): .object(["nonce": .decimal(nonce)])
        case .feeFilter(let rate): .object(["min_fee": .decimal(rate)])
        case .addresses(let message): .object(["addrs": .list(message.addresses, entry)])
        case .inventory(let list), .getData(let list), .notFound(let list):
            .object([
                "inv": .list(list.items) { .object(["type": .number($0.kind.rawValue), "hash": .hash($0.hash)]) }
            ])
        case .reject(let reject): Self.fields(of: reject)
        case .getHeaders(let request), .getBlocks(let request):
            .object([
                "version": .number(request.version), "locator": .list(request.locator, GoldenField.hash),
                "stop": .hash(request.stop),
            ])
        case .headers(let message): .object(["headers": .list(message.headers, Self.header)])
        case .transaction(let transaction): Self.transaction(transaction)
        case .block(let block):
            .object([
                "header": Self.header(block.header),
                "txs": Self.transactions(TransactionList(Array(block.transactions))),
            ])
        case .sendCompact(let wish):
            .object(["announce": .flag(wish.isHighBandwidth), "version": .decimal(wish.version)])
        case .filterLoad, .filterAdd, .merkleBlock: Self.bloomFields(of: message)
        case .compactBlock, .getBlockTransactions, .blockTransactions: Self.compactFields(of: message)
        case .getCommittedFilters, .committedFilter, .getCommittedFilterHeaders, .committedFilterHeaders,
            .getCommittedFilterCheckpoints, .committedFilterCheckpoints, .getCommittedFilterMempool:
            Self.committedFields(of: message)
        case .extendedVersion, .addressesV2, .doubleSpendProof, .custom, .unknown: nil
        }
    }

    private static func fields(of message: VersionMessage) -> GoldenField {
        .object([
            "version": .number(message.protocolVersion.rawValue), "services": .decimal(message.services.rawValue),
            "timestamp": .decimal(message.timestamp), "addr_you": .object(address(message.receiver)),
            "addr_me": .object(address(message.sender)), "nonce": .decimal(message.nonce),
            "user_agent": .text(String(decoding: message.userAgent.bytes, as: UTF8.self)),
            "user_agent_hex": .hex(message.userAgent.bytes), "last_block": .number(message.startHeight),
            "relay": .flag(message.relay),
        ])
    }

    private static func address(_ address: NetworkAddress) -> [String: GoldenField] {
        [
            "services": .decimal(address.services.rawValue), "ip": .hex(address.bytes), "port": .number(address.port),
        ]
    }

    private func entry(_ entry: TimestampedAddress) -> GoldenField {
        var fields = Self.address(entry.address)
        if version >= .addressTime { fields["timestamp"] = .number(entry.time) }
        return .object(fields)
    }

    private static func fields(of message: RejectMessage) -> GoldenField {
        var fields: [String: GoldenField] = [
            "cmd": .text(String(decoding: message.commandBytes, as: UTF8.self)),
            "code": .number(message.code.rawValue), "reason": .text(message.reason),
        ]
        if let hash = message.hash { fields["hash"] = .hash(hash) }
        return .object(fields)
    }
}

extension GoldenField {
    static func number(_ value: some FixedWidthInteger) -> GoldenField { .number(Int64(truncatingIfNeeded: value)) }
    static func decimal(_ value: some FixedWidthInteger) -> GoldenField { .text(String(value)) }
    static func hash(_ hash: Hash256) -> GoldenField { .text(hash.description) }
    static func hex(_ bytes: [UInt8]) -> GoldenField { .text(WireBytes(bytes).hexadecimal) }

    /// A list, of which the vectors have the ends only when it is long.
    static func list<Element>(
        _ elements: some RandomAccessCollection<Element>, _ field: (Element) -> GoldenField
    ) -> GoldenField {
        guard elements.count > 24, let first = elements.first, let last = elements.last else {
            return .list(elements.map(field))
        }
        return .object(["count": .number(elements.count), "first": field(first), "last": field(last)])
    }
}
