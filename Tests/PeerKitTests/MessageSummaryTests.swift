import PeerKit
import Testing

/// A message in a few words.
@Suite struct MessageSummaryTests {
    private static let hash = Samples.hash
    private static let genesis = Network.mainnet.genesisBlock

    private func summary(_ message: Message) -> String { message.summary }

    @Test func emptyMessagesSayNothing() {
        for message in [
            Message.verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVerack, .mempool, .filterClear,
        ] {
            #expect(summary(message) == "")
        }
    }

    @Test func negotiation() {
        let map = ExtendedVersionMessage(version: .current, [.init(key: 9, number: 1)])
        #expect(summary(.extendedVersion(map)) == "version 0.1.0, 2 entries")
        #expect(summary(.extendedVersion(ExtendedVersionMessage())) == "0 entries")
        #expect(summary(.xVersion(XVersionMessage(map))) == "version 0.1.0, 2 entries")
        #expect(summary(.xVersion(XVersionMessage(payload: [1]))) == "1 byte")
        #expect(summary(.addressesV2([])) == "0 addresses")
        #expect(summary(.getBlocks(locator: [Self.hash])) == "after 1 hash from \(Self.hash)")
        #expect(
            summary(.getBlocks(locator: [Self.hash, .zero], stop: Self.hash))
                == "after 2 hashes from \(Self.hash) up to \(Self.hash)")
    }

    @Test func blooms() {
        let load = FilterLoadMessage(filter: [1, 2], hashFunctionCount: 1, tweak: 3, flags: .updateAll)
        #expect(summary(.filterLoad(load)) == "2 bytes, 1 function")
        #expect(summary(.filterAdd(FilterAddMessage([1]))) == "1 byte")
        let block = MerkleBlockMessage(
            header: Self.genesis.header, transactionCount: 1, hashes: [Self.hash], flags: [1])
        #expect(summary(.merkleBlock(block)) == "\(Self.genesis.hash()) 1 hash of 1 transaction")
    }

    @Test func compactBlocks() {
        let block = CompactBlockMessage(block: Self.genesis, nonce: 1)
        #expect(
            summary(.compactBlock(block))
                == "compact block \(Self.genesis.hash()) of 0 short ids and 1 transactions")
        let request = GetBlockTransactionsMessage(blockHash: Self.hash, differences: [.max, 1])
        #expect(summary(.getBlockTransactions(request)) == "2 indexes of \(Self.hash)")
        let answer = BlockTransactionsMessage(blockHash: Self.hash, transactions: [Self.genesis.transactions[0]])
        #expect(summary(.blockTransactions(answer)) == "1 transaction of \(Self.hash)")
    }

    @Test func committedFilters() {
        let request = GetCommittedFiltersMessage(startHeight: 8, stopHash: Self.hash)
        #expect(summary(.getCommittedFilters(request)) == "from 8 up to \(Self.hash)")
        #expect(summary(.getCommittedFilterHeaders(request)) == "from 8 up to \(Self.hash)")
        let filter = CommittedFilterMessage(blockHash: Self.hash, filter: [1, 2, 3])
        #expect(summary(.committedFilter(filter)) == "3 bytes of \(Self.hash)")
        let headers = CommittedFilterHeadersMessage(
            stopHash: Self.hash, previousFilterHeader: .zero, filterHashes: [.zero])
        #expect(summary(.committedFilterHeaders(headers)) == "1 hash up to \(Self.hash)")
        let checkpoints = GetCommittedFilterCheckpointsMessage(stopHash: Self.hash)
        #expect(summary(.getCommittedFilterCheckpoints(checkpoints)) == "up to \(Self.hash)")
        let points = CommittedFilterCheckpointsMessage(stopHash: Self.hash, filterHeaders: [])
        #expect(summary(.committedFilterCheckpoints(points)) == "0 headers up to \(Self.hash)")
        #expect(summary(.getCommittedFilterMempool(.basic)) == "type basic")
        #expect(summary(.getCommittedFilterMempool(CommittedFilterType(rawValue: 7))) == "type 7")
    }

    @Test func doubleSpendProofs() {
        let spender = DoubleSpendProofMessage.Spender(
            transactionVersion: 2, sequence: 1, lockTime: 0, previousOutputsHash: .zero, sequenceHash: .zero,
            outputsHash: .zero, signature: [])
        let proof = DoubleSpendProofMessage(
            outpoint: Outpoint(transaction: Self.hash, index: 6), firstSpender: spender, secondSpender: spender)
        #expect(summary(.doubleSpendProof(proof)) == "of \(Self.hash):6")
    }

    /// Whatever a peer writes, a summary is one line that leaves the terminal alone.
    @Test func textOfAPeerIsCleaned() throws {
        let hostile = "a\u{1b}[2J\u{9b}\u{7}\r\nb\u{202e}c\u{2028}\u{0}"
        let bytes = Array(hostile.utf8) + [0xff, 0xc0]
        let command = Command(low: 0x0a0d_1b41, high: 0x1b1b_1b1b)
        let messages: [Message] = [
            .version(
                VersionMessage(
                    services: [], timestamp: 0, nonce: 1, userAgent: UserAgent(bytes: bytes))),
            .reject(RejectMessage(commandBytes: Array(bytes.prefix(12)), code: .invalid, reasonBytes: bytes)),
            .reject(RejectMessage(commandBytes: [], code: RejectCode(rawValue: 9), reasonBytes: [0x1b])),
            .unknown(command, WireBytes(bytes)),
            .inventory([InventoryVector(kind: InventoryKind(rawValue: 0x1b1b_1b1b), hash: .zero)]),
            .extendedVersion(ExtendedVersionMessage([.init(key: 0, value: WireBytes(bytes))])),
            .xVersion(XVersionMessage(payload: WireBytes(bytes))),
            .filterAdd(FilterAddMessage(bytes)),
        ]
        for message in messages {
            let text = summary(message)
            #expect(!text.isEmpty)
            #expect(text.utf8.count < 1_000)
            for scalar in text.unicodeScalars {
                let isPlain = scalar == " " || RemoteText.clean(String(scalar)) == String(scalar)
                #expect(isPlain, "\(message.command): \(scalar.value)")
            }
        }
    }
}
