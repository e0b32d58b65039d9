import PeerWire

/// Messages of our own of every kind: what the corpus begins with.
enum Samples {
    static let publicKey: [UInt8] = [0x02] + (1...32).map { UInt8($0) }
    private static let keyHash: [UInt8] = (0..<20).map { UInt8($0) }
    private static let category = Hash256(word0: 0x8786_8584_8382_8180, word1: 1, word2: 2, word3: 3)

    /// Pays to the hash of a key.
    private static let payToHash = WireBytes([0x76, 0xa9, 20] + keyHash + [0x88, 0xac])

    static let scriptFields: [[UInt8]] = {
        let key = UInt8(publicKey.count)
        let plain: [[UInt8]] = [
            payToHash.array, [key] + publicKey + [0xac], [0x51, key] + publicKey + [key] + publicKey + [0x52, 0xae],
            [0x6a, 4, 1, 2, 3, 4, 0x4c, 2, 9, 9, 0x4d, 1, 0, 7, 0x4e, 1, 0, 0, 0, 8], [], [0xef], [0x4c], [0x4d, 9, 9],
            [0xef] + category.bytes + [0x00], [0xef] + category.bytes + [0x72, 0xfd, 1],
        ]
        let tokens: [TokenData?] = [
            try? TokenData(category: category, amount: 1_000), try? TokenData(category: category, amount: 1 << 62),
            try? TokenData(category: category, capability: .minting, commitment: [0xca, 0xfe], amount: 1_000),
            try? TokenData(category: category, capability: .none),
            try? TokenData(
                category: category, capability: .mutable, commitment: WireBytes([UInt8](repeating: 3, count: 128))),
        ]
        return plain + tokens.compactMap { $0 }.map { $0.encodedPrefix + payToHash.array }
    }()

    static let transactions: [Transaction] = {
        var random = SeededGenerator(seed: 1)
        func input(_ script: [UInt8]) -> TransactionInput {
            TransactionInput(
                outpoint: Outpoint(transaction: random.hash(), index: UInt32(script.count)), script: WireBytes(script))
        }
        func output(_ script: [UInt8]) -> TransactionOutput {
            TransactionOutput(value: 546, script: WireBytes(script))
        }
        let coinbase = TransactionInput(outpoint: .coinbase, script: [3, 1, 2, 3])
        let lists: [([TransactionInput], [TransactionOutput])] = [
            ([coinbase], [output(payToHash.array)]),
            ([input([2, 0xab, 0xcd])], scriptFields.map(output)),
            ([input([33] + publicKey), input([])], [output(scriptFields[1]), output(scriptFields[2])]),
            ([], []), ([input([UInt8](repeating: 0, count: 300))], []),
            ((0..<20).map { _ in input([1, 7]) }, (0..<30).map { _ in output([0x51]) }),
        ]
        return lists.compactMap { try? Transaction(inputs: $0, outputs: $1, lockTime: 9) }
    }()

    static let blocks: [Block] = [1, 2, 3, 6, 0].compactMap { count in
        let transactions = transactions.prefix(count)
        let root = Block.merkleRoot(of: transactions.map { $0.hash() })
        return try? Block(header: header(root), transactions: transactions)
    }

    private static func header(_ root: Hash256) -> BlockHeader {
        BlockHeader(
            version: 0x2000_0000, previousBlock: category, merkleRoot: root, time: 1_735_689_600, bits: 0x1d00_ffff,
            nonce: 7)
    }

    static let messages: [Message] =
        handshake + addresses + inventories + chain + compact + bloom + committedFilters + proofs

    private static let handshake: [Message] = {
        let agent = UserAgent(name: "Example", version: "1.0.0", comments: ["EB32.0"])
        var version = VersionMessage(
            services: [.network, .bloom, .bitcoinCash], timestamp: 1_735_689_600,
            receiver: NetworkAddress(services: .network, ipv4: 203, 0, 113, 7, port: 8333),
            nonce: 0x1122_3344_5566_7788, userAgent: agent, startHeight: 880_000)
        var messages = [Message.version(version)]
        for last in VersionMessage.LastField.allCases {
            version.lastField = last
            messages.append(.version(version))
        }
        version.trailingBytes = [1, 2]
        let entries: [ExtendedVersionMessage.Entry] = [
            .init(key: 0x0000_0001_0002_0003, number: 4_096), .init(key: 5, value: [1, 2, 3]), .init(key: 5, value: []),
            .init(key: .max, number: .max),
        ]
        let maps = [
            ExtendedVersionMessage(version: .current), ExtendedVersionMessage(version: .current, entries),
            ExtendedVersionMessage(),
        ]
        messages += [.version(version), .verack, .sendAddressesV2, .sendHeaders, .xVerack, .getAddresses, .mempool]
        messages += maps.map { .extendedVersion($0) }
        messages += [.ping(nonce: 7), .ping(nonce: nil), .pong(nonce: 7), .feeFilter(rate: 1_000)]
        messages += xVersions(maps)
        return messages + [
            .sendCompact(highBandwidth: true), .unknown(Command(low: 0x6e77_6f6e_6b6e_75, high: 0), [1]),
        ]
    }()

    /// By their bytes, which are those of `extversion`.
    private static func xVersions(_ maps: [ExtendedVersionMessage]) -> [Message] {
        maps.compactMap { map in
            guard let payload = try? Message.extendedVersion(map).payload() else { return nil }
            return try? Message.decode(command: .xVersion, payload: payload)
        }
    }

    private static let addresses: [Message] = {
        var random = SeededGenerator(seed: 2)
        let known = (1...8).compactMap { (number: UInt8) in
            let network = AddressNetwork(rawValue: number)
            return PeerAddress(
                time: 1_735_689_600, services: Services(rawValue: 0x425), network: network,
                hostBytes: random.bytes(network.hostByteCount ?? 40), port: 8333)
        }
        let old = known.compactMap { $0.timestampedAddress }
        return [
            .addresses(old), .addresses([]), .addresses(Array(old.prefix(1))), .addressesV2(known), .addressesV2([]),
        ]
    }()

    private static let inventories: [Message] = {
        var random = SeededGenerator(seed: 3)
        let kinds: [InventoryKind] = [
            .transaction, .block, .filteredBlock, .compactBlock, .doubleSpendProof, InventoryKind(rawValue: 99),
        ]
        let items = kinds.map { InventoryVector(kind: $0, hash: random.hash()) }
        let hashes = (0..<3).map { _ in random.hash() }
        return [
            .inventory(items), .getData(items), .notFound(items), .inventory([]), .getHeaders(locator: hashes),
            .getBlocks(locator: hashes, stop: hashes[0]), .getHeaders(locator: []),
            .reject(.version, .obsolete, reason: "version must be 209 or greater"),
            .reject(.transaction, .dust, reason: "dust", hash: hashes[0]),
        ]
    }()

    private static let chain: [Message] = {
        let headers = blocks.map(\.header)
        var odd = HeadersMessage(headers)
        odd.transactionCounts = headers.indices.map { UInt64($0 * 100) }
        return [.headers(headers), .headers(odd), .headers([])] + transactions.map { .transaction($0) }
            + blocks.map { .block($0) }
    }()

    private static let compact: [Message] = blocks.flatMap { block -> [Message] in
        let message = CompactBlockMessage(block: block, nonce: 0x0102_0304_0506_0708) { place, _ in place & 1 == 0 }
        let answer = BlockTransactionsMessage(
            blockHash: block.hash(), transactions: TransactionList(Array(block.transactions)))
        var messages: [Message] = [.compactBlock(message), .blockTransactions(answer)]
        if let work = try? CompactBlockReconstruction(message), case .missing(let request) = work.outcome() {
            messages.append(.getBlockTransactions(request))
        }
        return messages
    }

    private static let bloom: [Message] = {
        var filter = BloomFilter(elementCount: 10, falsePositiveRate: 0.001, tweak: 5, flags: .updateAll)
        for transaction in transactions { filter.insert(transaction.hash()) }
        let filtered: [Message] = blocks.map { block in
            let tree = PartialMerkleTree(transactionHashes: block.transactionHashes()) { $0 & 1 == 0 }
            return .merkleBlock(MerkleBlockMessage(header: block.header, tree: tree))
        }
        let load: [Message] = [.filterLoad(filter.message), .filterAdd(FilterAddMessage(publicKey)), .filterClear]
        return load + filtered
    }()

    private static let committedFilters: [Message] = {
        var random = SeededGenerator(seed: 4)
        let block = blocks[3]
        let set = GolombCodedSet(block: block)
        let request = GetCommittedFiltersMessage(startHeight: 1, stopHash: block.hash())
        let hashes = (0..<3).map { _ in random.hash() }
        return [
            .getCommittedFilters(request), .getCommittedFilterHeaders(request), .getCommittedFilterMempool(.basic),
            .getCommittedFilterCheckpoints(GetCommittedFilterCheckpointsMessage(stopHash: block.hash())),
            .committedFilter(CommittedFilterMessage(blockHash: block.hash(), filter: set.bytes)),
            .committedFilterHeaders(
                CommittedFilterHeadersMessage(
                    stopHash: block.hash(), previousFilterHeader: .zero, filterHashes: hashes)),
            .committedFilterCheckpoints(
                CommittedFilterCheckpointsMessage(stopHash: block.hash(), filterHeaders: hashes)),
        ]
    }()

    private static let proofs: [Message] = {
        var random = SeededGenerator(seed: 5)
        func spender(_ pushes: [WireBytes]) -> DoubleSpendProofMessage.Spender {
            DoubleSpendProofMessage.Spender(
                transactionVersion: 2, sequence: .max, lockTime: 0, previousOutputsHash: random.hash(),
                sequenceHash: random.hash(), outputsHash: random.hash(), pushes: .init(pushes))
        }
        let signature = WireBytes([UInt8](repeating: 0x41, count: 65))
        let outpoint = Outpoint(transaction: category, index: 1)
        return [
            .doubleSpendProof(
                DoubleSpendProofMessage(outpoint: outpoint, ordering: spender([signature]), spender([signature]))),
            .doubleSpendProof(
                DoubleSpendProofMessage(
                    outpoint: outpoint, firstSpender: spender([]), secondSpender: spender([[1], [], [2, 3]]))),
        ]
    }()
}
