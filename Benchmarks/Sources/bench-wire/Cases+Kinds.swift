import PeerWire
import WireBench

/// The messages without a target of their own: every kind is measured, in a usual size.
extension Cases {
    static func otherKinds() throws -> [Case] {
        let block = try Samples.block(transactions: 2_000)
        let compact = CompactBlockMessage(block: block, nonce: 5)
        let hashes = (0..<2_000).map { Samples.hash($0) }
        let indexes = (0..<200).map { UInt32($0) * 9 + 1 }
        let spender = DoubleSpendProofMessage.Spender(
            transactionVersion: 2, sequence: .max, lockTime: 0, previousOutputsHash: hashes[0],
            sequenceHash: hashes[1], outputsHash: hashes[2], signature: Samples.bytes(65, 9))
        let request = GetCommittedFiltersMessage(startHeight: 880_000, stopHash: hashes[0])
        let messages: [(String, Message)] = [
            ("verack", .verack), ("pong", .pong(nonce: 7)),
            ("sendcmpct", .sendCompact(highBandwidth: true)), ("feefilter", .feeFilter(rate: 1_000)),
            ("extversion, 2 entries", .extendedVersion(extendedVersion(entries: 2))),
            ("extversion, 8,192 entries", .extendedVersion(extendedVersion(entries: 8_192))),
            ("addrv2 of 1,000", .addressesV2(try addressesV2(1_000))),
            ("notfound of 1", .notFound([.transaction(hashes[0])])),
            ("getdata of 16 blocks", .getData(hashes.prefix(16).map { .block($0) })),
            ("getblocks of 101", .getBlocks(locator: Array(hashes.prefix(101)))),
            (
                "filterload, 36,000 B",
                .filterLoad(
                    FilterLoadMessage(
                        filter: Samples.bytes(36_000, 1), hashFunctionCount: 11, tweak: 5, flags: .updateAll))
            ),
            ("filteradd, 32 B", .filterAdd(FilterAddMessage(Samples.bytes(32, 1)))),
            (
                "merkleblock of 2,000 hashes",
                .merkleBlock(
                    MerkleBlockMessage(
                        header: Samples.header(1), transactionCount: 2_000, hashes: hashes, flags: Samples.bytes(500, 1)
                    ))
            ),
            ("cmpctblock of 2,000", .compactBlock(compact)),
            (
                "getblocktxn of 200",
                .getBlockTransactions(try GetBlockTransactionsMessage(blockHash: hashes[0], indexes: indexes))
            ),
            (
                "blocktxn of 200",
                .blockTransactions(
                    BlockTransactionsMessage(
                        blockHash: hashes[0], transactions: TransactionList(Array(block.transactions.prefix(200)))))
            ),
            ("getcfilters", .getCommittedFilters(request)),
            (
                "cfilter, 20 KB",
                .committedFilter(
                    CommittedFilterMessage(blockHash: hashes[0], filter: WireBytes(Samples.bytes(20_000, 1))))
            ),
            (
                "cfheaders of 2,000",
                .committedFilterHeaders(
                    CommittedFilterHeadersMessage(
                        stopHash: hashes[0], previousFilterHeader: hashes[1], filterHashes: hashes))
            ),
            (
                "cfcheckpt of 880",
                .committedFilterCheckpoints(
                    CommittedFilterCheckpointsMessage(stopHash: hashes[0], filterHeaders: Array(hashes.prefix(880))))
            ),
            (
                "dsproof-beta",
                .doubleSpendProof(
                    DoubleSpendProofMessage(
                        outpoint: Outpoint(transaction: hashes[3], index: 1), firstSpender: spender,
                        secondSpender: spender))
            ),
        ]
        return try messages.flatMap { try both($0.0, $0.1) }
    }

    private static func extendedVersion(entries count: Int) -> ExtendedVersionMessage {
        ExtendedVersionMessage((0..<count).map { .init(key: UInt64($0), number: 100) })
    }

    private static func addressesV2(_ count: Int) throws -> [PeerAddress] {
        (0..<count).compactMap {
            PeerAddress(
                time: 1_735_689_600, services: [.network, .bitcoinCash], network: $0 % 2 == 0 ? .ipv4 : .torV3,
                hostBytes: Samples.bytes($0 % 2 == 0 ? 4 : 32, $0), port: 8333)
        }
    }

    /// What is computed from messages rather than read.
    static func derived() throws -> [Case] {
        let block = try Samples.block(transactions: 85_561)
        let bytes = block.bytes.array
        let headers = (0..<2_000).map { Samples.header($0) }
        let compact = CompactBlockMessage(block: block, nonce: 5)
        let candidates = block.transactions.map { $0 }
        let hashes = block.transactionHashes()
        return [
            Case("hash 2,000 headers", byteCount: 160_000) { keep(BlockHeader.hashes(of: headers)) },
            Case(
                "ids and merkle root, 32 MB block", byteCount: bytes.count,
                hashOnly: { keep(SHA256d.checksum(bytes.span.bytes)) },
                body: {
                    do { keep(try Block(bytes: bytes).merkleRoot()) } catch { fail(error) }
                }),
            Case("merkle root of 85,561 ids", byteCount: 0) { keep(Block.merkleRoot(of: hashes)) },
            Case("walk the outputs of a 32 MB block", byteCount: bytes.count) {
                var sum: Int64 = 0
                for transaction in block.transactions {
                    for output in transaction.outputs { sum &+= output.value &+ Int64(output.script.count) }
                }
                keep(sum)
            },
            Case("build cmpctblock, 32 MB block", byteCount: bytes.count) {
                keep(CompactBlockMessage(block: block, nonce: 9))
            },
            Case("reconstruct 32 MB block", byteCount: bytes.count) {
                do {
                    var reconstruction = try CompactBlockReconstruction(compact)
                    reconstruction.add(contentsOf: candidates)
                    guard case .complete(let whole) = reconstruction.outcome() else { fatalError("not complete") }
                    keep(whole)
                } catch { fail(error) }
            },
        ]
    }
}
