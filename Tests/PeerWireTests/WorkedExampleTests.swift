import PeerWire
import Testing

/// The worked examples of `PROTOCOL` 7: the fields they are said to have, and the same bytes back.
@Suite struct WorkedExampleTests {
    static let genesis = Hash256(HashTests.genesisText) ?? .zero
    static let genesisRoot =
        Hash256("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b") ?? .zero
    static let node = NetworkAddress(services: Services(rawValue: 0x425), ipv4: 203, 0, 113, 7, port: 8333)

    private func decode(_ bytes: [UInt8]) throws -> Message {
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        var offset = 0
        let input = bytes.span.bytes
        let frame = try #require(
            try decoder.nextFrame(in: input, at: &offset, limits: WireLimits(), phase: .established))
        #expect(offset == bytes.count)
        #expect(frame.isChecksumVerified)
        return try Message.decode(frame, input: input)
    }

    @Test(arguments: Examples.all) func encodesToTheSameBytes(_ bytes: [UInt8]) throws {
        #expect(try decode(bytes).frame(magic: Network.mainnet.magic) == bytes)
    }

    @Test func version() throws {
        var expected = VersionMessage(
            services: Services(rawValue: 0x25), timestamp: 1_735_689_600, receiver: Self.node,
            sender: .unspecified, nonce: 0x1122_3344_5566_7788,
            userAgent: UserAgent(name: "Example", version: "1.0.0"), startHeight: 880_000, relay: true)
        expected.sender.services = Services(rawValue: 0x25)
        #expect(try decode(Examples.version) == .version(expected))
        #expect(try Message.version(expected).frame(magic: Network.mainnet.magic) == Examples.version)
    }

    @Test func emptyMessages() throws {
        #expect(try decode(Examples.verack) == .verack)
        #expect(try decode(Examples.sendHeaders) == .sendHeaders)
        #expect(try decode(Examples.sendAddressesV2) == .sendAddressesV2)
    }

    @Test func ping() throws {
        let nonce: UInt64 = 0x0102_0304_0506_0708
        #expect(try decode(Examples.ping) == .ping(nonce: nonce))
        let frame = PingFrame.ping(nonce: nonce, magic: Network.mainnet.magic)
        #expect(frame.indices.map { frame[$0] } == Examples.ping)
    }

    @Test func pongOfAPingNeedsNoHash() throws {
        let checksum = PingFrame.checksum(nonce: 7)
        let frame = PingFrame.pong(nonce: 7, checksum: checksum, magic: Network.mainnet.magic)
        let expected = try Message.pong(nonce: 7).frame(magic: Network.mainnet.magic)
        #expect(frame.indices.map { frame[$0] } == expected)
        let appended = [UInt8](capacity: 1 + PingFrame.byteCount) { bytes in
            bytes.append(9)
            bytes.withUnsafeMutableBufferPointer { buffer, count in
                let room = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
                var output = OutputRawSpan(buffer: room, initializedCount: 0)
                PingFrame.appendPong(nonce: 7, checksum: checksum, magic: Network.mainnet.magic, to: &output)
                count += output.finalize(for: room)
            }
        }
        #expect(appended == [9] + expected)
    }

    @Test func inventory() throws {
        let proof = try #require(Hash256(bytes: (0..<32).map { UInt8($0) }))
        let message = Message.inventory([
            .transaction(Self.genesisRoot), .block(Self.genesis),
            InventoryVector(kind: .doubleSpendProof, hash: proof),
        ])
        #expect(try decode(Examples.inventory) == message)
        let filtered = Message.getData([InventoryVector(kind: .filteredBlock, hash: Self.genesis)])
        #expect(try decode(Examples.getData) == filtered)
    }

    @Test func addresses() throws {
        let entry = TimestampedAddress(time: 1_735_689_600, address: Self.node)
        #expect(try decode(Examples.addresses) == .addresses([entry]))
    }

    @Test func headers() throws {
        #expect(try decode(Examples.getHeaders) == .getHeaders(locator: [Self.genesis]))
        let header = BlockHeader(
            version: 1, previousBlock: .zero, merkleRoot: Self.genesisRoot, time: 1_231_006_505,
            bits: 0x1d00_ffff, nonce: 2_083_236_893)
        #expect(header.hash() == Self.genesis)
        #expect(BlockHeader(bytes: header.bytes) == header)
        #expect(try decode(Examples.headers) == .headers([header]))
    }

    @Test func tokenTransaction() throws {
        guard case .transaction(let transaction) = try decode(Examples.transaction) else {
            Issue.record("no transaction")
            return
        }
        #expect(
            transaction.hash().description == "f51ba3b84f5b41c2f57db0483f1ec6d31375678e914320f5765a2bb761e242df")
        #expect(transaction.version == 2 && transaction.lockTime == 0)
        #expect(transaction.inputs.count == 1 && transaction.outputs.count == 2)
        #expect(transaction.inputs[0].outpoint.index == 0)
        #expect(transaction.inputs[0].script.hexadecimal == "02abcd")
        #expect(transaction.outputs.map(\.value) == [1000, 546])
        #expect(transaction.outputs[0].script.count == 65 && transaction.outputs[0].script.first == 0xef)
        #expect(transaction.outputs[1].script.hexadecimal.hasPrefix("76a914000102"))
        #expect(!transaction.isCoinbase)
    }

    @Test func coinbaseTransaction() throws {
        guard case .transaction(let transaction) = try decode(Examples.transaction2) else {
            Issue.record("no transaction")
            return
        }
        #expect(transaction.hash() == Self.genesisRoot)
        #expect(transaction.isCoinbase)
        #expect(transaction.outputs[0].value == 5_000_000_000)
        #expect(transaction.byteCount == 204)
    }

    @Test func compactBlocksAndFees() throws {
        #expect(try decode(Examples.sendCompact) == .sendCompact(highBandwidth: false))
        #expect(try decode(Examples.sendCompact2) == .sendCompact(highBandwidth: true))
        #expect(try decode(Examples.feeFilter) == .feeFilter(rate: 1000))
    }

    @Test func rejects() throws {
        let version = RejectMessage(
            command: .version, code: .duplicate, reason: "protocol version must be 209 or greater")
        guard case .reject(let first) = try decode(Examples.reject) else {
            Issue.record("no reject")
            return
        }
        #expect(first.command == version.command && first.hash == nil)
        #expect(
            try decode(Examples.reject2)
                == .reject(.transaction, .invalid, reason: "bad-txns-vin-empty", hash: Self.genesisRoot))
    }

    @Test func everyExampleHasATypeAndComesBackExactly() throws {
        for frame in Examples.all {
            let message = try decode(frame)
            #expect(message.kind != nil, "\(message.command)")
            #expect(try message.frame(magic: Network.mainnet.magic) == frame)
        }
    }

    @Test func unknownCommandsAreKept() throws {
        let command = try #require(Command("wtxidrelay"))
        let message = Message.unknown(command, [1, 2, 3])
        let frame = try message.frame(magic: Network.mainnet.magic)
        #expect(try decode(frame) == message)
    }
}
