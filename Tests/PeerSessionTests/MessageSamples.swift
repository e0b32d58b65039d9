import PeerWire

/// A command of an application's own.
struct SampleCustomMessage: CustomMessage {
    static let command = FactSamples.custom
    static let maximumPayload = 0

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> SampleCustomMessage {
        SampleCustomMessage()
    }
    var encodedLength: Int { 0 }
    func encode(into writer: inout ByteWriter) {}
}

/// One message of each kind.
enum MessageSamples {
    static let header = BlockHeader(
        version: 1, previousBlock: FactSamples.hash(1), merkleRoot: FactSamples.hash(2), time: 3, bits: 4, nonce: 5)
    static let items = FactSamples.items(.transaction, 2) + FactSamples.items(.block)
    static let request = GetCommittedFiltersMessage(startHeight: 1, stopHash: FactSamples.hash(2))
    static let address = NetworkAddress(services: .network, ipv4: 203, 0, 113, 7, port: 8333)

    static func transaction() throws -> Transaction {
        let input = TransactionInput(outpoint: Outpoint(transaction: FactSamples.hash(3), index: 0), script: [1])
        return try Transaction(
            inputs: [input], outputs: [TransactionOutput(value: 1, script: [0x51])], lockTime: 0)
    }

    static func proof() -> DoubleSpendProofMessage {
        let spender = DoubleSpendProofMessage.Spender(
            transactionVersion: 2, sequence: 1, lockTime: 0, previousOutputsHash: .zero, sequenceHash: .zero,
            outputsHash: .zero, signature: [1, 2])
        return DoubleSpendProofMessage(
            outpoint: Outpoint(transaction: FactSamples.hash(3), index: 0), firstSpender: spender,
            secondSpender: spender)
    }

    static func message(_ kind: MessageKind) throws -> Message {
        switch kind {
        case .version:
            .version(
                VersionMessage(
                    services: .network, timestamp: 1_000, receiver: address, sender: address, nonce: 7,
                    userAgent: UserAgent(name: "Sample", version: "1"), startHeight: 9, relay: false))
        case .verack: .verack
        case .ping: .ping(nonce: 7)
        case .pong: .pong(nonce: 8)
        case .getAddresses: .getAddresses
        case .addresses: .addresses([TimestampedAddress(time: 9, address: address)])
        case .addressesV2: .addressesV2([])
        case .inventory: .inventory(items)
        case .getData: .getData(items)
        case .notFound: .notFound(items)
        case .reject: .reject(.version, .obsolete, reason: "no")
        case .getHeaders: .getHeaders(locator: [FactSamples.hash(1), FactSamples.hash(2)], stop: FactSamples.hash(3))
        case .getBlocks: .getBlocks(locator: [FactSamples.hash(4)], stop: FactSamples.hash(5))
        case .headers: .headers([header, header])
        case .transaction: .transaction(try transaction())
        case .block: .block(try Block(header: header, transactions: [try transaction()]))
        case .merkleBlock: .merkleBlock(MerkleBlockMessage(header: header, transactionCount: 1, hashes: [], flags: []))
        case .compactBlock:
            .compactBlock(
                CompactBlockMessage(
                    block: try Block(header: header, transactions: [try transaction()]), nonce: 1
                ) { _, _ in true })
        case .getBlockTransactions:
            .getBlockTransactions(try GetBlockTransactionsMessage(blockHash: FactSamples.hash(1), indexes: [0]))
        case .blockTransactions:
            .blockTransactions(
                BlockTransactionsMessage(
                    blockHash: FactSamples.hash(1), transactions: TransactionList([try transaction()])))
        case .doubleSpendProof: .doubleSpendProof(proof())
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact(highBandwidth: true)
        case .feeFilter: .feeFilter(rate: 1_234)
        case .sendAddressesV2: .sendAddressesV2
        case .extendedVersion: .extendedVersion(ExtendedVersionMessage(version: .current))
        case .xVersion: .xVersion(XVersionMessage())
        case .xVerack: .xVerack
        case .mempool: .mempool
        case .filterLoad:
            .filterLoad(FilterLoadMessage(filter: [1], hashFunctionCount: 1, tweak: 0, flags: .updateAll))
        case .filterAdd: .filterAdd(FilterAddMessage([1]))
        case .filterClear: .filterClear
        case .getCommittedFilters: .getCommittedFilters(request)
        case .committedFilter: .committedFilter(CommittedFilterMessage(blockHash: FactSamples.hash(1), filter: [1]))
        case .getCommittedFilterHeaders: .getCommittedFilterHeaders(request)
        case .committedFilterHeaders:
            .committedFilterHeaders(
                CommittedFilterHeadersMessage(
                    stopHash: FactSamples.hash(1), previousFilterHeader: .zero, filterHashes: []))
        case .getCommittedFilterCheckpoints:
            .getCommittedFilterCheckpoints(GetCommittedFilterCheckpointsMessage(stopHash: FactSamples.hash(1)))
        case .committedFilterCheckpoints:
            .committedFilterCheckpoints(
                CommittedFilterCheckpointsMessage(stopHash: FactSamples.hash(1), filterHeaders: []))
        case .getCommittedFilterMempool: .getCommittedFilterMempool(.basic)
        }
    }
}
