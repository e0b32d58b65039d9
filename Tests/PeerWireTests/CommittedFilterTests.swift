import Testing

@testable import PeerWire

/// The messages of committed filters as bytes.
@Suite struct CommittedFilterTests {
    static let stop = Hash256("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f") ?? .zero
    private static let hashes: [Hash256] = {
        var random = SeededGenerator(state: 11)
        return (0..<3).map { _ in random.hash() }
    }()

    @Test func requestIsTheWorkedExample() throws {
        let message = GetCommittedFiltersMessage(startHeight: 1, stopHash: Self.stop)
        let expected = hex("00010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000")
        #expect(expected.count == GetCommittedFiltersMessage.byteCount)
        try PayloadCodec().checkExact(message, expected, isFixed: true)
    }

    @Test func checkpointRequestIsTypeAndStop() throws {
        let message = GetCommittedFilterCheckpointsMessage(
            filterType: CommittedFilterType(rawValue: 7), stopHash: Self.stop)
        try PayloadCodec().checkExact(message, [7] + Self.stop.bytes, isFixed: true)
        #expect(try PayloadCodec().encode(message).count == GetCommittedFilterCheckpointsMessage.byteCount)
    }

    @Test func mempoolRequestIsTheType() throws {
        for byte in UInt8.min...UInt8.max {
            try PayloadCodec().checkExact(CommittedFilterType(rawValue: byte), [byte], isFixed: true)
        }
        #expect(CommittedFilterType.basic.description == "basic")
        #expect(CommittedFilterType(rawValue: 9).description == "9")
    }

    @Test func filterIsTypeBlockAndBytes() throws {
        let message = CommittedFilterMessage(blockHash: Self.stop, filter: [1, 2, 3])
        try PayloadCodec().checkExact(message, [0] + Self.stop.bytes + [3, 1, 2, 3])
        func sized(_ length: Int) -> CommittedFilterMessage {
            CommittedFilterMessage(
                blockHash: .zero, filter: WireBytes([UInt8](repeating: 1, count: length)))
        }
        try PayloadCodec().checkLimit(sized(4_194_304), sized(4_194_305), limit: 4_194_304)
    }

    @Test func headersAreHashesAfterTheHeaderBefore() throws {
        let message = CommittedFilterHeadersMessage(
            stopHash: Self.stop, previousFilterHeader: Self.hashes[0], filterHashes: Self.hashes)
        let expected = [0] + Self.stop.bytes + Self.hashes[0].bytes + [3] + Self.hashes.flatMap(\.bytes)
        try PayloadCodec().checkExact(message, expected)
        func sized(_ count: Int) -> CommittedFilterHeadersMessage {
            CommittedFilterHeadersMessage(
                stopHash: .zero, previousFilterHeader: .zero,
                filterHashes: [Hash256](repeating: Self.stop, count: count))
        }
        try PayloadCodec().checkLimit(sized(2_000), sized(2_001), limit: 2_000)
    }

    @Test func checkpointsAreHeaders() throws {
        let message = CommittedFilterCheckpointsMessage(stopHash: Self.stop, filterHeaders: Self.hashes)
        try PayloadCodec().checkExact(message, [0] + Self.stop.bytes + [3] + Self.hashes.flatMap(\.bytes))
        func sized(_ count: Int) -> CommittedFilterCheckpointsMessage {
            CommittedFilterCheckpointsMessage(
                stopHash: .zero, filterHeaders: [Hash256](repeating: Self.stop, count: count))
        }
        try PayloadCodec().checkLimit(sized(100_000), sized(100_001), limit: 100_000)
    }

    @Test func claimsAreNotTakenForBytes() {
        let claims = ["fdd007", "fea0860100", "fe00000002", "fe00004000", "ffffffffffffffffff", "fd0100"]
        for claim in claims {
            let start = [0] + Self.stop.bytes
            let bytes = hex(claim)
            #expect(throws: DecodeError.self) { try PayloadCodec<CommittedFilterMessage>().decode(start + bytes) }
            #expect(throws: DecodeError.self) {
                try PayloadCodec<CommittedFilterCheckpointsMessage>().decode(start + bytes)
            }
            #expect(throws: DecodeError.self) {
                try PayloadCodec<CommittedFilterHeadersMessage>().decode(start + Self.stop.bytes + bytes)
            }
        }
    }

    @Test func damageIsRefusedOrExact() throws {
        try PayloadCodec<CommittedFilterMessage>().checkDamage([0] + Self.stop.bytes + [3, 1, 2, 3], seed: 12)
        let headers = [0] + Self.stop.bytes + Self.stop.bytes + [2] + Self.stop.bytes + Self.stop.bytes
        try PayloadCodec<CommittedFilterHeadersMessage>().checkDamage(headers, seed: 13)
        let checkpoints = [0] + Self.stop.bytes + [2] + Self.stop.bytes + Self.stop.bytes
        try PayloadCodec<CommittedFilterCheckpointsMessage>().checkDamage(checkpoints, seed: 14)
    }
}
