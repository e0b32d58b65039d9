import PeerSession
import PeerWire
import Testing

@Suite("Facts of messages")
struct MessageFactsTests {
    @Test("are of the message's kind and command", arguments: MessageKind.allCases)
    func kinds(kind: MessageKind) throws {
        let message = try MessageSamples.message(kind)
        #expect(message.kind == kind)
        for hashes in [true, false] {
            let facts = MessageFacts(message, checksum: 5, hashes: hashes, wallTime: 7)
            #expect(facts.kind == kind)
            #expect(facts.command == kind.command)
        }
        #expect(FactSamples.facts(kind).kind == kind)
    }

    @Test("of commands without a kind")
    func withoutKind() {
        let custom = MessageFacts(.custom(SampleCustomMessage()))
        #expect(custom == .custom(FactSamples.custom))
        #expect(custom.kind == nil)
        #expect(custom.command == FactSamples.custom)
        let unknown = MessageFacts(.unknown(FactSamples.unknown, [1]))
        #expect(unknown == .unknown(FactSamples.unknown))
        #expect(unknown.kind == nil)
        #expect(unknown.command == FactSamples.unknown)
    }

    @Test("what the session reads is in them")
    func content() throws {
        func facts(_ kind: MessageKind) throws -> MessageFacts {
            MessageFacts(try MessageSamples.message(kind), checksum: 5, wallTime: 990)
        }
        #expect(
            try facts(.version)
                == .version(
                    VersionFacts(
                        protocolVersion: .current, services: .network, nonce: 7, timeOffset: 10, startHeight: 9,
                        relay: false)))
        #expect(try facts(.ping) == .ping(nonce: 7, checksum: 5))
        #expect(MessageFacts(.ping(nonce: nil)) == .ping(nonce: nil, checksum: 0))
        #expect(try facts(.pong) == .pong(nonce: 8))
        #expect(try facts(.addresses) == .addresses(count: 1))
        #expect(try facts(.addressesV2) == .addressesV2(count: 0))
        #expect(try facts(.headers) == .headers(count: 2))
        #expect(try facts(.sendCompact) == .sendCompact(SendCompactMessage(highBandwidth: true)))
        #expect(try facts(.feeFilter) == .feeFilter(rate: 1_234))
        #expect(
            try facts(.getHeaders) == .getHeaders(BlockRange(first: FactSamples.hash(1), stop: FactSamples.hash(3))))
        #expect(
            try facts(.getBlocks) == .getBlocks(BlockRange(first: FactSamples.hash(4), stop: FactSamples.hash(5))))
        #expect(MessageFacts(.getHeaders(locator: [])) == .getHeaders(BlockRange(first: .zero)))
    }

    @Test("hashes only where they are wanted")
    func hashes() throws {
        let transaction = try MessageSamples.transaction()
        let block = MessageSamples.header.hash()
        let expected: [(MessageKind, MessageFacts, MessageFacts)] = [
            (.transaction, .transaction(nil), .transaction(transaction.hash())),
            (.block, .block(nil), .block(block)),
            (.merkleBlock, .merkleBlock(nil), .merkleBlock(block)),
            (.compactBlock, .compactBlock(nil), .compactBlock(block)),
            (.doubleSpendProof, .doubleSpendProof(nil), .doubleSpendProof(MessageSamples.proof().id)),
        ]
        for (kind, without, with) in expected {
            let message = try MessageSamples.message(kind)
            #expect(MessageFacts(message) == without)
            #expect(MessageFacts(message, hashes: true) == with)
        }
    }

    @Test("entries are counted by what they are of")
    func inventory() {
        func item(_ kind: InventoryKind, _ number: UInt64) -> InventoryVector {
            InventoryVector(kind: kind, hash: FactSamples.hash(number))
        }
        let facts = InventoryFacts([
            item(.transaction, 1), item(.block, 2), item(.filteredBlock, 3), item(.compactBlock, 4),
            item(.doubleSpendProof, 5), item(InventoryKind(rawValue: 99), 6), item(.transaction, 7),
        ])
        #expect(facts.transactions == 2)
        #expect(facts.blocks == 3)
        #expect(facts.proofs == 1)
        #expect(facts.others == 1)
        #expect(facts.lastBlock == FactSamples.hash(4))
        #expect(InventoryFacts([]).lastBlock == nil)
    }

    @Test("of messages that were not decoded: the kind alone", arguments: MessageKind.allCases)
    func undecoded(kind: MessageKind) {
        // Those whose contents are read always are decoded.
        if MessageFacts.arePayloadsRead(of: kind) { return }
        let facts = MessageFacts(undecoded: kind, command: kind.command)
        #expect(facts.kind == kind)
        #expect(facts.command == kind.command)
        // A session takes them as it takes the decoded ones, and trusts nothing in them.
        var rig = SessionRig(in: .established, .inbound, .with { $0.services = .bloom })
        let before = rig.session.preferences
        guard kind != .verack else { return }
        #expect(rig.take(facts).closeReason == nil)
        #expect(rig.session.preferences.lastAnnouncedBlock == before.lastAnnouncedBlock)
        #expect(rig.session.preferences.wantsCompactBlocks == before.wantsCompactBlocks)
    }

    @Test("of an undecoded command without a kind")
    func undecodedUnknown() {
        #expect(MessageFacts(undecoded: nil, command: FactSamples.unknown) == .unknown(FactSamples.unknown))
    }

    @Test("clocks that are far apart", arguments: [Int64.min, -1, 0, 1, Int64.max])
    func timeOffset(timestamp: Int64) {
        let message = VersionMessage(
            services: [], timestamp: timestamp, receiver: MessageSamples.address, nonce: 1,
            userAgent: UserAgent(name: "Sample", version: "1"), startHeight: 0)
        for wallTime in [Int64.min, 0, 1_735_689_600, Int64.max] {
            let (offset, overflow) = timestamp.subtractingReportingOverflow(wallTime)
            let expected = overflow ? (timestamp < 0 ? Int64.min : .max) : offset
            #expect(VersionFacts(message, wallTime: wallTime).timeOffset == expected)
        }
    }
}
