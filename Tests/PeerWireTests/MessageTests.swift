import PeerWire
import Testing

@Suite struct MessageTests {
    private let magic = Network.mainnet.magic

    @Test func messagesDoNotExistBelowTheirVersion() throws {
        let gates: [(Message, Int32)] = [
            (.mempool, 60_002), (.filterClear, 70_001), (.filterAdd(FilterAddMessage([1])), 70_001),
            (
                .filterLoad(
                    FilterLoadMessage(filter: [1], hashFunctionCount: 1, tweak: 0, flags: .updateAll)), 70_001
            ),
            (
                .merkleBlock(
                    MerkleBlockMessage(
                        header: Network.mainnet.genesisHeader, transactionCount: 1, hashes: [.zero], flags: [1])),
                70_001
            ),
            (.sendHeaders, 70_012), (.feeFilter(rate: 1), 70_013), (.sendCompact(highBandwidth: true), 70_014),
            (.compactBlock(CompactBlockMessage(block: Network.mainnet.genesisBlock, nonce: 1)), 70_014),
            (.getBlockTransactions(GetBlockTransactionsMessage(blockHash: .zero, differences: [1])), 70_014),
            (.blockTransactions(BlockTransactionsMessage(blockHash: .zero, transactions: [])), 70_014),
        ]
        for (message, first) in gates {
            let version = ProtocolVersion(rawValue: first)
            let below = ProtocolVersion(rawValue: first - 1)
            let payload = try message.payload(protocolVersion: version)
            #expect(
                try Message.decode(command: message.command, payload: payload, protocolVersion: version) == message)
            #expect(throws: EncodeError.versionGate(message.command, minimum: version)) {
                try message.payload(protocolVersion: below)
            }
            #expect(throws: DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: version))) {
                try Message.decode(command: message.command, payload: payload, protocolVersion: below)
            }
        }
    }

    /// Where a message had to be empty before it came to be, any byte is one too many.
    @Test func messagesThatWereEmptyOnceAreTooLong() throws {
        let cases: [(Message, Int32)] = [(.pong(nonce: 1), 60_001), (.reject(.block, .invalid, reason: ""), 70_002)]
        for (message, first) in cases {
            let version = ProtocolVersion(rawValue: first)
            let below = ProtocolVersion(rawValue: first - 1)
            let payload = try message.payload(protocolVersion: version)
            #expect(throws: EncodeError.versionGate(message.command, minimum: version)) {
                try message.payload(protocolVersion: below)
            }
            #expect(
                throws: DecodeError(
                    field: "payload", offset: 0, reason: .payloadTooLong(length: payload.count, limit: 0))
            ) {
                try Message.decode(command: message.command, payload: payload, protocolVersion: below)
            }
            #expect(throws: DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: version))) {
                try Message.decode(command: message.command, payload: [], protocolVersion: below)
            }
        }
    }

    @Test func oldPingsHaveNoNonce() throws {
        let old = ProtocolVersion.pingNonce
        #expect(try Message.decode(command: .ping, payload: [], protocolVersion: old) == .ping(nonce: nil))
        #expect(try Message.ping(nonce: 7).payload(protocolVersion: old).isEmpty)
        #expect(throws: EncodeError.missingField("nonce")) { try Message.ping(nonce: nil).payload() }
        #expect(throws: DecodeError.self) {
            try Message.decode(command: .ping, payload: hex("0102030405060708"), protocolVersion: old)
        }
    }

    @Test func oldAddressesHaveNoTime() throws {
        let entry = TimestampedAddress(time: 0, address: WorkedExampleTests.node)
        let old = ProtocolVersion(rawValue: 31_401)
        let payload = try Message.addresses([entry]).payload(protocolVersion: old)
        #expect(payload.count == 27)
        #expect(
            try Message.decode(command: .addresses, payload: payload, protocolVersion: old) == .addresses([entry]))
        #expect(throws: EncodeError.limitExceeded(field: "address count", value: 2, limit: 1)) {
            try Message.addresses([entry, entry]).payload(protocolVersion: ProtocolVersion(rawValue: 208))
        }
    }

    @Test func versionEndsAtEachField() throws {
        let full = Array(Examples.version.dropFirst(24))
        for (length, last) in zip([46, 72, 80, 96, 100, 101], VersionMessage.LastField.allCases) {
            let payload = Array(full.prefix(length))
            guard case .version(let message) = try Message.decode(command: .version, payload: payload) else {
                Issue.record("no version")
                return
            }
            #expect(message.lastField == last)
            #expect(message.relay)
            #expect(message.nonce == (last >= .nonce ? 0x1122_3344_5566_7788 : 0))
            #expect(message.startHeight == (last >= .startHeight ? 880_000 : 0))
            #expect(try Message.version(message).payload() == payload)
        }
    }

    @Test func versionKeepsWhatFollows() throws {
        var payload = Array(Examples.version.dropFirst(24))
        payload[100] = 0x7f
        payload += [1, 2, 3]
        var strict = WireLimits()
        strict.trailingBytes = .refuse
        let message = try Message.decode(command: .version, payload: payload, limits: strict)
        #expect(try message.payload() == payload)
        guard case .version(let version) = message else { return }
        #expect(version.relay && version.relayByte == 0x7f && version.trailingBytes == [1, 2, 3])
    }

    @Test func userAgentOf256BytesAndOneMore() throws {
        for (length, fits) in [(256, true), (257, false)] {
            let head = Array(Examples.version[24..<104])
            let payload = head + CompactSize.encode(UInt64(length)) + [UInt8](repeating: 0xff, count: length)
            #expect(((try? Message.decode(command: .version, payload: payload)) != nil) == fits)
        }
    }

    @Test func trailingBytesAreKeptOrRefused() throws {
        var strict = WireLimits()
        strict.trailingBytes = .refuse
        for frame in [
            Examples.inventory, Examples.addresses, Examples.getHeaders, Examples.headers, Examples.reject2,
            Examples.transaction,
        ] {
            let message = try #require(try cut(frame, endingAt: []).frames.first)
            let payload = message.payload + [9, 9]
            #expect(try Message.decode(command: message.command, payload: payload).payload() == payload)
            #expect(
                throws: DecodeError(
                    field: "payload", offset: payload.count - 2, reason: .trailingBytes(count: 2))
            ) {
                try Message.decode(command: message.command, payload: payload, limits: strict)
            }
        }
    }

    @Test func messagesOfFixedSizeHaveNoTrailingBytes() {
        for (command, text) in [
            (Command.verack, "00"), (.ping, "010203040506070809"), (.pong, "010203040506070809"),
            (.getAddresses, "00"), (.sendHeaders, "00"), (.sendCompact, "01010000000000000000"),
            (.feeFilter, "010203040506070809"),
        ] {
            #expect(throws: DecodeError.self) { try Message.decode(command: command, payload: hex(text)) }
        }
    }

    @Test func anyTruthIsKept() throws {
        let payload = hex("020100000000000000")
        let message = try Message.decode(command: .sendCompact, payload: payload)
        guard case .sendCompact(let wish) = message else { return }
        #expect(wish.isHighBandwidth)
        #expect(try message.payload() == payload)
    }

    @Test func headersMayClaimTransactions() throws {
        var payload = Array(Examples.headers.dropFirst(24))
        payload[81] = 0x05
        let message = try Message.decode(command: .headers, payload: payload)
        guard case .headers(let headers) = message else { return }
        #expect(headers.transactionCounts == [5])
        #expect(try message.payload() == payload)
        var strict = WireLimits()
        strict.refusesHeadersWithTransactions = true
        #expect(throws: DecodeError.self) {
            try Message.decode(command: .headers, payload: payload, limits: strict)
        }
    }

    @Test func unknownInventoryKindsAreKept() throws {
        let payload = hex("01efbeadde") + [UInt8](repeating: 7, count: 32)
        #expect(try Message.decode(command: .inventory, payload: payload).payload() == payload)
    }

    @Test func aMessageBeyondTheLimitsIsNotEncoded() throws {
        let command = try #require(Command("custom"))
        let bytes = WireBytes([UInt8](repeating: 0, count: 2_097_153))
        #expect(throws: EncodeError.payloadTooLong(command, length: 2_097_153, limit: 2_097_152)) {
            try Message.unknown(command, bytes).frame(magic: magic)
        }
        #expect(throws: EncodeError.inconsistent("command")) {
            try Message.unknown(Command(low: 1, high: 0), .empty).frame(magic: magic)
        }
        var headers = HeadersMessage([])
        headers.transactionCounts = [1]
        #expect(throws: EncodeError.inconsistent("transaction counts")) {
            try Message.headers(headers).frame(magic: magic)
        }
    }

    @Test func userAgentsAreBuiltAndShownSafely() {
        let agent = UserAgent(name: "my/node", version: "1.0(x)", comments: ["EB32.0", "a;b)", ""])
        #expect(agent.description == "/mynode:1.0x(EB32.0; ab)/")
        #expect(agent.appending(UserAgent(name: "w", version: "2")).description.hasSuffix(")/w:2/"))
        #expect(UserAgent(bytes: [0x41, 0x0a, 0xff]).description == "A??")
    }

    @Test func errorsAreOneLine() {
        let decode = DecodeError(field: "nonce", offset: 4, reason: .truncated(needed: 8, available: 1))
        #expect(decode.description == "nonce at byte 4: needs 8 bytes, 1 left")
        let magic = FrameError.wrongMagic(expected: Network.mainnet.magic, actual: Network.testnet3.magic)
        #expect(magic.description == "wrong magic f4e5f3f4, expected e3e1f3e8")
    }

    @Test func factoriesRead() {
        #expect(Message.getAddr == .getAddresses)
        #expect(Message.getAddr.kind == .getAddresses)
        #expect(Message.unknown(.compactBlock, [1]).kind == nil)
        #expect(Message.unknown(.compactBlock, [1]).command == .compactBlock)
    }

    /// A list cut short was reported at the byte behind its count, not where the field begins.
    @Test func aTruncatedListIsReportedWhereItsCountBegins() throws {
        let error = #expect(throws: DecodeError.self) {
            try Message.decode(command: .inventory, payload: [2] + [UInt8](repeating: 0, count: 36))
        }
        #expect(error?.offset == 0)
        #expect(error?.reason == .truncated(needed: 72, available: 36))
    }

    /// Bytes under a command that has a type are held to the limits of the type.
    @Test func bytesOfAKnownCommandKeepItsLimits() throws {
        #expect(throws: EncodeError.payloadTooLong(.verack, length: 1, limit: 0)) {
            try Message.unknown(.verack, [1]).frame(magic: magic)
        }
        #expect(throws: EncodeError.payloadTooLong(.ping, length: 9, limit: 8)) {
            try Message.unknown(.ping, WireBytes([UInt8](repeating: 0, count: 9))).frame(magic: magic)
        }
        #expect(throws: EncodeError.versionGate(.sendHeaders, minimum: .sendHeaders)) {
            try Message.unknown(.sendHeaders, .empty).payload(protocolVersion: .reject)
        }
    }

    /// An unknown command could be read beyond a limit that sending it was held to.
    @Test func unknownCommandsKeepTheOrdinaryLimit() throws {
        var limits = WireLimits()
        limits.maxOrdinaryPayload = 300
        let command = Command(literal: "box")
        let fits = [UInt8](repeating: 0, count: 300)
        #expect(try Message.decode(command: command, payload: fits, limits: limits).payload(limits: limits) == fits)
        #expect(throws: DecodeError(field: "payload", offset: 0, reason: .payloadTooLong(length: 301, limit: 300))) {
            try Message.decode(command: command, payload: fits + [0], limits: limits)
        }
    }

    /// The cap is about blocks that nobody asked for: a host that has set it still answers requests.
    @Test func theCapOnBlocksDoesNotStopSending() throws {
        var limits = WireLimits()
        limits.blockLikePayloadCap = 0
        let block = Message.block(Network.mainnet.genesisBlock)
        let frame = try block.frame(magic: magic, limits: limits)
        #expect(throws: FrameError.self) { try cut(frame, endingAt: [], limits: limits) }
        #expect(try cut(frame, endingAt: []).frames.count == 1)
    }

    @Test func pushesOfADoubleSpendProofAreLimited() throws {
        let hash = Network.mainnet.genesisHash
        func proof(_ length: Int) -> Message {
            let spender = DoubleSpendProofMessage.Spender(
                transactionVersion: 2, sequence: 1, lockTime: 0, previousOutputsHash: hash, sequenceHash: hash,
                outputsHash: hash, signature: [UInt8](repeating: 5, count: length))
            return .doubleSpendProof(
                DoubleSpendProofMessage(
                    outpoint: Outpoint(transaction: hash, index: 1), firstSpender: spender, secondSpender: spender))
        }
        var limits = WireLimits()
        for limit in [10_000, 65] {
            limits.maxDoubleSpendProofPushLength = limit
            let payload = try proof(limit).payload(limits: limits)
            #expect(
                try Message.decode(command: .doubleSpendProof, payload: payload, limits: limits) == proof(limit))
            #expect(throws: EncodeError.limitExceeded(field: "push", value: limit + 1, limit: limit)) {
                try proof(limit + 1).payload(limits: limits)
            }
            var wide = limits
            wide.maxDoubleSpendProofPushLength = 20_000
            let over = try proof(limit + 1).payload(limits: wide)
            let error = #expect(throws: DecodeError.self) {
                try Message.decode(command: .doubleSpendProof, payload: over, limits: limits)
            }
            #expect(error?.reason == .limitExceeded(value: UInt64(limit + 1), limit: UInt64(limit)))
        }
    }
}
