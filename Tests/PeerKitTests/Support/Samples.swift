import PeerKit

/// One message of each kind.
enum Samples {
    static let hash = Hash256(word0: 1, word1: 2, word2: 3, word3: 4)
    static let header = BlockHeader(
        version: 1, previousBlock: hash, merkleRoot: hash, time: 1_700_000_000, bits: 1, nonce: 2)

    static func transaction() throws -> Transaction {
        try Transaction(
            inputs: [TransactionInput(outpoint: Outpoint(transaction: hash, index: 3), script: WireBytes([1, 2]))],
            outputs: [TransactionOutput(value: 5, script: WireBytes([6]))], lockTime: 7)
    }

    static func unknown(_ byteCount: Int, fill: UInt8 = 7) -> Message {
        .unknown(Command(low: 0x0078_6f62, high: 0), WireBytes([UInt8](repeating: fill, count: byteCount)))
    }

    /// A block of about so many bytes.
    static func block(byteCount: Int) throws -> Message {
        let script = WireBytes([UInt8](repeating: 6, count: 9_986))
        let transaction = try Transaction(
            inputs: [TransactionInput(outpoint: Outpoint(transaction: hash, index: 3), script: WireBytes([1, 2]))],
            outputs: (0..<(byteCount / 10_000)).map { TransactionOutput(value: Int64($0), script: script) }, lockTime: 7
        )
        return .block(try Block(header: header, transactions: [transaction]))
    }

    static func message(_ kind: MessageKind) throws -> Message {
        switch kind {
        case .version: .version(Raw.version())
        case .verack: .verack
        case .ping: .ping(nonce: 11)
        case .pong: .pong(nonce: 12)
        case .getAddresses: .getAddresses
        case .addresses: .addresses([TimestampedAddress(time: 9, address: .unspecified)])
        case .inventory: .inventory([.transaction(hash)])
        case .reject: .reject(.transaction, .dust, reason: "dust", hash: hash)
        case .getData: .getData([.block(hash)])
        case .notFound: .notFound([.block(hash)])
        case .getHeaders: .getHeaders(locator: [hash])
        case .headers: .headers([header])
        case .transaction: .transaction(try transaction())
        case .block: .block(try Block(header: header, transactions: [transaction()]))
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact(highBandwidth: true)
        case .feeFilter: .feeFilter(rate: 1_000)
        default: try laterMessage(kind)
        }
    }

    private static func laterMessage(_ kind: MessageKind) throws -> Message {
        switch kind {
        case .sendAddressesV2: .sendAddressesV2
        case .extendedVersion: .extendedVersion(ExtendedVersionMessage(version: .init(rawValue: 100)))
        case .xVersion: .xVersion(XVersionMessage())
        case .xVerack: .xVerack
        case .addressesV2: .addressesV2([])
        case .getBlocks: .getBlocks(locator: [hash])
        case .mempool: .mempool
        case .filterLoad:
            .filterLoad(
                FilterLoadMessage(filter: [1], hashFunctionCount: 2, tweak: 3, flags: BloomUpdateFlags(rawValue: 1)))
        case .filterAdd: .filterAdd(FilterAddMessage([1, 2]))
        case .filterClear: .filterClear
        case .merkleBlock:
            .merkleBlock(MerkleBlockMessage(header: header, transactionCount: 1, hashes: [hash], flags: [1]))
        case .compactBlock:
            .compactBlock(
                CompactBlockMessage(block: try Block(header: header, transactions: [transaction()]), nonce: 5))
        case .getBlockTransactions:
            .getBlockTransactions(GetBlockTransactionsMessage(blockHash: hash, differences: [1, 5]))
        case .blockTransactions:
            .blockTransactions(BlockTransactionsMessage(blockHash: hash, transactions: [try transaction()]))
        case .getCommittedFilters: .getCommittedFilters(GetCommittedFiltersMessage(startHeight: 8, stopHash: hash))
        case .committedFilter: .committedFilter(CommittedFilterMessage(blockHash: hash, filter: [1, 2, 3]))
        case .getCommittedFilterHeaders:
            .getCommittedFilterHeaders(GetCommittedFiltersMessage(startHeight: 9, stopHash: hash))
        case .committedFilterHeaders:
            .committedFilterHeaders(
                CommittedFilterHeadersMessage(stopHash: hash, previousFilterHeader: hash, filterHashes: [hash, hash]))
        case .getCommittedFilterCheckpoints:
            .getCommittedFilterCheckpoints(GetCommittedFilterCheckpointsMessage(stopHash: hash))
        case .committedFilterCheckpoints:
            .committedFilterCheckpoints(CommittedFilterCheckpointsMessage(stopHash: hash, filterHeaders: [hash]))
        case .getCommittedFilterMempool: .getCommittedFilterMempool(.basic)
        default: .doubleSpendProof(doubleSpendProof)
        }
    }

    private static var doubleSpendProof: DoubleSpendProofMessage {
        let spender = DoubleSpendProofMessage.Spender(
            transactionVersion: 2, sequence: .max, lockTime: 0, previousOutputsHash: hash, sequenceHash: hash,
            outputsHash: hash,
            signature: [1, 2])
        return DoubleSpendProofMessage(
            outpoint: Outpoint(transaction: hash, index: 1), firstSpender: spender, secondSpender: spender)
    }

    /// Every kind that may be sent once the handshake is done, and an unknown command.
    static func afterHandshake() throws -> [Message] {
        try MessageKind.allCases.filter { $0 != .version && $0 != .verack }.map(message) + [unknown(3)]
    }
}
