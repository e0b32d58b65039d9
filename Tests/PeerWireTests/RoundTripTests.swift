import PeerWire
import Testing

/// Messages made at random come back as they were; damaged ones are refused or come back exactly, and nothing crashes.
@Suite struct RoundTripTests {
    private static func message(_ random: inout SeededGenerator, _ kind: MessageKind) throws -> Message {
        func hashes(_ most: Int) -> [Hash256] {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in random.hash() }
        }
        func inventory() -> [InventoryVector] {
            hashes(40).map {
                InventoryVector(kind: InventoryKind(rawValue: UInt32(truncatingIfNeeded: $0.word0 & 7)), hash: $0)
            }
        }
        func address() -> NetworkAddress {
            NetworkAddress(
                services: Services(rawValue: random.next()), high: random.next(), low: random.next(),
                port: UInt16(truncatingIfNeeded: random.next()))
        }
        func header() -> BlockHeader {
            BlockHeader(
                version: Int32(truncatingIfNeeded: random.next()), previousBlock: random.hash(),
                merkleRoot: random.hash(), time: UInt32(truncatingIfNeeded: random.next()), bits: 1, nonce: 2)
        }
        func script() -> WireBytes { WireBytes(random.bytes(Int.random(in: 0...300, using: &random))) }
        func transaction() throws -> Transaction {
            try Transaction(
                inputs: hashes(4).map {
                    TransactionInput(outpoint: Outpoint(transaction: $0, index: 3), script: script())
                },
                outputs: hashes(4).map { TransactionOutput(value: Int64(bitPattern: $0.word0), script: script()) },
                lockTime: UInt32(truncatingIfNeeded: random.next()))
        }
        func extendedVersion() -> ExtendedVersionMessage {
            ExtendedVersionMessage(hashes(9).map { .init(key: $0.word0 >> ($0.word1 & 63), value: script()) })
        }
        func peerAddress() throws -> PeerAddress {
            let network = AddressNetwork(rawValue: UInt8.random(in: 1...8, using: &random))
            let count = network.hostByteCount ?? Int.random(in: 0...512, using: &random)
            return try #require(
                PeerAddress(
                    time: 5, services: Services(rawValue: random.next()), network: network,
                    hostBytes: random.bytes(count), port: 9))
        }
        func request() -> GetCommittedFiltersMessage {
            GetCommittedFiltersMessage(
                startHeight: UInt32(truncatingIfNeeded: random.next()), stopHash: random.hash())
        }
        func spender() -> DoubleSpendProofMessage.Spender {
            DoubleSpendProofMessage.Spender(
                transactionVersion: 2, sequence: 9, lockTime: 1, previousOutputsHash: random.hash(),
                sequenceHash: random.hash(),
                outputsHash: random.hash(), signature: script().array)
        }
        switch kind {
        case .version:
            return .version(
                VersionMessage(
                    services: Services(rawValue: random.next()), timestamp: Int64(bitPattern: random.next()),
                    receiver: address(), sender: address(), nonce: random.next(),
                    userAgent: UserAgent(bytes: random.bytes(Int.random(in: 0...256, using: &random))),
                    startHeight: 5, relay: Bool.random(using: &random)))
        case .verack: return .verack
        case .ping: return .ping(nonce: random.next())
        case .pong: return .pong(nonce: random.next())
        case .getAddresses: return .getAddresses
        case .addresses:
            return .addresses(hashes(20).map { _ in TimestampedAddress(time: 9, address: address()) })
        case .inventory: return .inventory(inventory())
        case .reject:
            let hash = Bool.random(using: &random) ? random.hash() : nil
            return .reject(.transaction, .dust, reason: "dust", hash: hash)
        case .getData: return .getData(inventory())
        case .notFound: return .notFound(inventory())
        case .getHeaders: return .getHeaders(locator: hashes(20), stop: random.hash())
        case .headers: return .headers(hashes(20).map { _ in header() })
        case .transaction: return .transaction(try transaction())
        case .block:
            return .block(try Block(header: header(), transactions: hashes(4).map { _ in try transaction() }))
        case .sendHeaders: return .sendHeaders
        case .sendCompact: return .sendCompact(highBandwidth: Bool.random(using: &random))
        case .feeFilter: return .feeFilter(rate: Int64(bitPattern: random.next()))
        case .sendAddressesV2: return .sendAddressesV2
        case .extendedVersion: return .extendedVersion(extendedVersion())
        case .xVersion: return .xVersion(XVersionMessage(extendedVersion()))
        case .xVerack: return .xVerack
        case .addressesV2: return .addressesV2(try hashes(20).map { _ in try peerAddress() })
        case .getBlocks: return .getBlocks(locator: hashes(20), stop: random.hash())
        case .mempool: return .mempool
        case .filterLoad:
            return .filterLoad(
                FilterLoadMessage(
                    filter: random.bytes(Int.random(in: 0...400, using: &random)), hashFunctionCount: 50,
                    tweak: UInt32(truncatingIfNeeded: random.next()), flags: BloomUpdateFlags(rawValue: 2)))
        case .filterAdd:
            return .filterAdd(FilterAddMessage(random.bytes(Int.random(in: 0...520, using: &random))))
        case .filterClear: return .filterClear
        case .merkleBlock:
            return .merkleBlock(
                MerkleBlockMessage(header: header(), transactionCount: 7, hashes: hashes(9), flags: random.bytes(3)))
        case .compactBlock:
            let block = try Block(header: header(), transactions: (hashes(9) + [.zero]).map { _ in try transaction() })
            let odd = random.next()
            return .compactBlock(
                CompactBlockMessage(block: block, nonce: random.next()) { place, _ in odd >> UInt64(place) & 1 == 1 })
        case .getBlockTransactions:
            var indexes: [UInt32] = []
            for step in random.bytes(Int.random(in: 0...9, using: &random)) {
                indexes.append((indexes.last ?? 0) + UInt32(step) * 300 + 1)
            }
            return .getBlockTransactions(try GetBlockTransactionsMessage(blockHash: random.hash(), indexes: indexes))
        case .blockTransactions:
            return .blockTransactions(
                BlockTransactionsMessage(
                    blockHash: random.hash(),
                    transactions: TransactionList(try hashes(5).map { _ in try transaction() })))
        case .getCommittedFilters: return .getCommittedFilters(request())
        case .committedFilter:
            return .committedFilter(CommittedFilterMessage(blockHash: random.hash(), filter: script()))
        case .getCommittedFilterHeaders: return .getCommittedFilterHeaders(request())
        case .committedFilterHeaders:
            return .committedFilterHeaders(
                CommittedFilterHeadersMessage(
                    stopHash: random.hash(), previousFilterHeader: random.hash(), filterHashes: hashes(9)))
        case .getCommittedFilterCheckpoints:
            return .getCommittedFilterCheckpoints(GetCommittedFilterCheckpointsMessage(stopHash: random.hash()))
        case .committedFilterCheckpoints:
            return .committedFilterCheckpoints(
                CommittedFilterCheckpointsMessage(stopHash: random.hash(), filterHeaders: hashes(9)))
        case .getCommittedFilterMempool:
            return .getCommittedFilterMempool(CommittedFilterType(rawValue: UInt8(truncatingIfNeeded: random.next())))
        case .doubleSpendProof:
            return .doubleSpendProof(
                DoubleSpendProofMessage(
                    outpoint: Outpoint(transaction: random.hash(), index: 3), firstSpender: spender(),
                    secondSpender: spender()))
        }
    }

    @Test(arguments: MessageKind.allCases) func whatIsEncodedIsDecoded(_ kind: MessageKind) throws {
        var random = SeededGenerator(state: UInt64(kind.rawValue))
        for _ in 0..<40 {
            let message = try Self.message(&random, kind)
            let frame = try message.frame(magic: Network.regtest.magic)
            let split = Int.random(in: 0...frame.count, using: &random)
            let frames = try cut(frame, endingAt: [split], magic: Network.regtest.magic).frames
            #expect(frames.map(\.command) == [kind.command])
            let payload = frames.first?.payload ?? []
            #expect(try Message.decode(command: kind.command, payload: payload) == message)
        }
    }

    @Test(arguments: MessageKind.allCases) func damageIsRefusedOrExact(_ kind: MessageKind) throws {
        var random = SeededGenerator(state: 1_000 + UInt64(kind.rawValue))
        for _ in 0..<300 {
            var payload = try Self.message(&random, kind).payload()
            if payload.isEmpty { continue }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<payload.count, using: &random)
                payload[place] = UInt8(truncatingIfNeeded: random.next())
            }
            if Bool.random(using: &random) { payload.removeLast(Int.random(in: 0...payload.count, using: &random)) }
            if let message = try? Message.decode(command: kind.command, payload: payload) {
                #expect(try message.payload() == payload)
            }
        }
    }

    @Test func noiseIsRefusedOrExact() throws {
        var random = SeededGenerator(state: 77)
        for _ in 0..<4_000 {
            let payload = random.bytes(Int.random(in: 0...120, using: &random)).map { $0 & 0x8f }
            for kind in MessageKind.allCases {
                if let message = try? Message.decode(command: kind.command, payload: payload) {
                    #expect(try message.payload() == payload)
                }
            }
        }
    }

    @Test func viewsAreEqualByContent() {
        let bytes: [UInt8] = [1, 2, 3, 1, 2, 3]
        let first = WireBytes(bytes, 0..<3)
        let second = WireBytes(bytes, 3..<6)
        #expect(first == second && first?.hashValue == second?.hashValue)
        #expect(first != WireBytes(bytes, 2..<5))
        #expect(WireBytes(bytes, 4..<7) == nil)
        #expect(second?.detached().array == [1, 2, 3])
        #expect(second?.description == "010203")
        #expect(second?.withBytes { $0.byteCount } == 3)
    }
}
