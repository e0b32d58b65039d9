import PeerWire
import TestSupport
import Testing

@Suite struct FrameLimitTests {
    static let established: [(String, Int)] = [
        ("version", 4_096), ("verack", 0), ("ping", 8), ("pong", 8), ("getaddr", 0), ("addr", 30_009),
        ("inv", 1_800_009), ("reject", 2_097_152), ("getdata", 1_800_009), ("notfound", 1_800_009),
        ("getheaders", 16_045), ("headers", 162_009), ("tx", 2_097_152), ("block", 72_000_000),
        ("sendheaders", 0), ("sendcmpct", 9), ("feefilter", 8), ("extversion", 100_000),
        ("cmpctblock", 72_000_000), ("blocktxn", 72_000_000), ("cfilter", 4_194_342), ("something", 2_097_152),
        ("sendaddrv2", 0), ("xversion", 100_000), ("xverack", 0), ("addrv2", 531_009), ("getblocks", 16_045),
        ("mempool", 0), ("filterload", 36_012), ("filteradd", 523), ("filterclear", 0), ("merkleblock", 2_097_152),
        ("getblocktxn", 2_097_152), ("getcfilters", 37), ("getcfheaders", 37), ("cfheaders", 64_074),
        ("getcfcheckpt", 33), ("cfcheckpt", 3_200_042), ("getcfmempool", 1), ("dsproof-beta", 2_097_152),
    ]

    @Test func everyKindIsInTheTable() {
        for kind in MessageKind.allCases {
            #expect(Self.established.contains { Command($0.0) == kind.command }, "\(kind)")
        }
    }

    @Test(arguments: established) func lengthIsLimitedAfterTheHandshake(_ name: String, _ limit: Int) throws {
        try check(name, limit, .established)
    }

    @Test(arguments: established) func lengthIsLimitedBeforeIt(_ name: String, _ limit: Int) throws {
        try check(name, name == "extversion" ? 100_000 : min(limit, 65_536), .handshake)
    }

    /// A header alone decides: at the limit the payload is awaited and nothing reserved, one over it is refused.
    private func check(_ name: String, _ limit: Int, _ phase: WirePhase) throws {
        let command = try #require(Command(name))
        #expect(WireLimits().maximumPayload(for: command, phase: phase) == limit)
        for pieces in [24, 1] {
            var decoder = FrameDecoder(magic: Network.mainnet.magic)
            #expect(throws: Never.self) { try feed(&decoder, header(command, limit), pieces, phase) }
            #expect(decoder.reservedByteCount == 0)
            decoder = FrameDecoder(magic: Network.mainnet.magic)
            let error = FrameError.payloadTooLong(command, length: limit + 1, limit: limit)
            for _ in 0..<2 {
                #expect(throws: error) { try feed(&decoder, header(command, limit + 1), pieces, phase) }
            }
            #expect(!error.isRecoverable)
            #expect(decoder.reservedByteCount == 0)
        }
    }

    private func header(_ command: Command, _ length: Int) -> [UInt8] {
        hex("e3e1f3e8") + command.bytes + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            + hex("5df6e0e2")
    }

    private func feed(
        _ decoder: inout FrameDecoder, _ bytes: [UInt8], _ pieces: Int, _ phase: WirePhase
    ) throws(FrameError) {
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            var offset = 0
            _ = try decoder.nextFrame(
                in: bytes.span.bytes.extracting(start..<min(bytes.count, start + pieces)), at: &offset,
                limits: WireLimits(), phase: phase)
        }
    }

    @Test func memoryFollowsWhatArrives() throws {
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        try feed(&decoder, header(.block, 32_000_000), 24, .established)
        #expect(decoder.bufferedByteCount == 24 && decoder.reservedByteCount == 0)
        let piece = [UInt8](repeating: 0, count: 65_536)
        var received = 0
        while received + piece.count < FrameDecoder.maximumReserveAhead {
            try feed(&decoder, piece, piece.count, .established)
            received += piece.count
            #expect(decoder.bufferedByteCount == 24 + received)
            // What malloc rounds up to comes on top.
            #expect(decoder.reservedByteCount <= received + FrameDecoder.maximumReserveAhead + 4096)
        }
    }

    @Test func memoryOfAMiddlingPayloadStaysClose() throws {
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        try feed(&decoder, header(.inventory, 1_000_000), 24, .established)
        let piece = [UInt8](repeating: 0, count: 10_000)
        for received in stride(from: 10_000, to: 1_000_000, by: 10_000) {
            try feed(&decoder, piece, piece.count, .established)
            #expect(decoder.reservedByteCount <= received + FrameDecoder.maximumReserveAhead + 4096)
        }
    }

    /// It once reserved all that was declared as soon as 256 KiB had come: 72 MB for each of many peers, or 4 GB.
    @Test func aLongPayloadReservesNoMoreThan128TimesWhatArrived() throws {
        for length in [72_000_000, 4_000_000_000] {
            let limits = WireLimits(maxBlockSize: 2_000_000_000)
            var decoder = FrameDecoder(magic: Network.mainnet.magic)
            _ = try decoder.frame(in: header(.block, length), limits: limits)
            let piece = [UInt8](repeating: 0, count: 65_536)
            for received in stride(from: piece.count, through: 6_000_000, by: piece.count) {
                _ = try decoder.frame(in: piece, limits: limits)
                let allowed = max(128 * received, received + FrameDecoder.maximumReserveAhead)
                #expect(decoder.reservedByteCount <= min(length, allowed) + 4096)
            }
        }
    }

    @Test func blockLimitFollowsTheBlockSize() {
        #expect(WireLimits(network: .mainnet).maxBlockLikePayload == 72_000_000)
        #expect(WireLimits(network: .chipnet).maxBlockLikePayload == 4_500_000)
        #expect(WireLimits(network: .scalenet).maxBlockLikePayload == 576_000_000)
        // What the reference node allows at the floor of its block size, each of which must fit.
        #expect(WireLimits(network: .mainnet).maxBlockLikePayload >= 71_697_796)
        #expect(WireLimits(network: .chipnet).maxBlockLikePayload >= 4_468_536)
        #expect(WireLimits(network: .scalenet).maxBlockLikePayload >= 573_720_924)
        #expect(WireLimits(maxBlockSize: 2_000_000_000).maxBlockLikePayload >= 4_000_000_000)
    }

    @Test func extremeSettingsDoNotOverflow() {
        for value in [Int.max, Int.min, -1, 0] {
            var limits = WireLimits(maxBlockSize: value)
            limits.maxAddressCount = value
            limits.maxInventoryCount = value
            limits.maxHeaderCount = value
            limits.maxLocatorCount = value
            limits.maxUserAgentLength = value
            limits.maxBloomFilterLength = value
            limits.maxBloomFilterFunctions = value
            limits.maxBloomFilterElementLength = value
            limits.maxCommittedFilterLength = value
            limits.maxCommittedFilterHeaderCount = value
            limits.maxCommittedFilterCheckpointCount = value
            limits.maxExtendedVersionEntries = value
            limits.maxAddressV2Length = value
            limits.maxRejectCommandLength = value
            limits.maxRejectReasonLength = value
            limits.blockLikePayloadCap = value
            for kind in MessageKind.allCases {
                #expect(limits.maximumPayload(for: kind.command, phase: .established) >= 0)
                _ = try? Message.decode(command: kind.command, payload: [1, 0, 0, 0, 0, 0], limits: limits)
            }
        }
    }

    /// The block size may change between any two calls: what counts is the limit when a header is complete.
    @Test func theBlockSizeMayChangeWhileRunning() throws {
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        var limits = WireLimits(maxBlockSize: 1_000)
        let payload = [UInt8](repeating: 0, count: 3_000)
        let frame =
            Array(header(.block, payload.count).dropLast(4))
            + (0..<4).map { UInt8(truncatingIfNeeded: SHA256d.checksum(payload.span.bytes) >> (8 * $0)) } + payload
        #expect(throws: FrameError.payloadTooLong(.block, length: 3_000, limit: 2_250)) {
            var other = decoder
            _ = try other.frame(in: frame, limits: limits)
        }
        limits.maxBlockSize = 2_000
        let header = Array(frame.prefix(24))
        #expect(try decoder.frame(in: header, limits: limits) == nil)
        // Shrunk again, with the payload under way.
        limits.maxBlockSize = 1_000
        #expect(try decoder.frame(in: Array(frame.dropFirst(24)), limits: limits)?.length == 3_000)
    }

    /// Resident memory follows what has come of a long payload, whose address space is reserved, and at no time is
    /// there more than one copy of it.
    @Test func residentMemoryFollowsALongPayload() throws {
        let length = 48_000_000
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        let piece = [UInt8](repeating: 7, count: 65_536)
        let idle = try ResidentMemory.now()
        try ResidentMemory.forgetPeak()
        try feed(&decoder, header(.block, length), 24, .established)
        var received = 0
        while received + piece.count < 8_000_000 {
            try feed(&decoder, piece, piece.count, .established)
            received += piece.count
        }
        let slack = 2_000_000
        #expect(try ResidentMemory.now() - idle < received + slack)
        while received + piece.count < length {
            try feed(&decoder, piece, piece.count, .established)
            received += piece.count
        }
        #expect(decoder.bufferedByteCount == received + 24)
        #expect(try ResidentMemory.peak() - idle < received + slack)
    }

    @Test func unrequestedBlocksCanBeCapped() {
        var limits = WireLimits()
        limits.blockLikePayloadCap = 4_194_304
        #expect(limits.maximumPayload(for: .block, phase: .established) == 4_194_304)
        #expect(limits.maximumPayload(for: .transaction, phase: .established) == 2_097_152)
    }
}
