import PeerKit
import Testing

/// Sizes that are only claimed must cost nothing: where bchd allocates gigabytes, or dies.
@Suite(
    "Claims of size", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)), .serialized,
    .timeLimit(.minutes(2)))
struct HostileSizeTests {
    /// bchd allocates 3.3 GB for it.
    @Test("a ten-byte tx that claims 30 million outputs") func manyOutputs() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with { rig in
                // Version, no inputs, the count of outputs, and nothing more.
                let frame = Self.frame(.transaction, [1, 0, 0, 0, 0, 0xfe, 0x80, 0xc3, 0xc9, 0x01])
                func attack(_ count: Int) async throws {
                    let ends = try await foreign.order(
                        "storm", ["port": .number(Int(rig.port)), "count": .number(count), "data": .text(frame)])
                    #expect(ends["ends"]?["end"]?.number == count)
                }
                try await attack(5)
                let growth = try await MemoryGrowth.measure { try await attack(50) }
                growth.expect(below: 8 << 20, "50 times a ten-byte tx claiming 30 million outputs")
                #expect(try await rig.told.end() == .refusedFrame(.truncated, command: .transaction))
            }
        }
    }

    /// bchd allocates each whole payload at once: 6 GB for 50 peers.
    @Test("50 peers that only claim a block of 128 MB, which was asked for") func manyBlocks() async throws {
        let hash = try SampleChain().genesis
        let sent = 64 << 10
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({
                $0.wireLimits.maxBlockSize = 64_000_000
                $0.listeners.onHandshake = { $0.queue(.getData([.block(hash)])) }
                $0.listeners.onMessage = nil
            }) { rig in
                func attack(_ count: Int) async throws {
                    let before = rig.node.statistics.receivedByteCount
                    try await foreign.order(
                        "claim",
                        [
                            "port": .number(Int(rig.port)), "count": .number(count), "command": "block",
                            "length": 128_000_000, "sent": .number(sent),
                        ])
                    while rig.node.statistics.receivedByteCount < before + UInt64(count * sent) {
                        try Task.checkCancellation()
                        await Task.yield()
                    }
                }
                try await attack(2)
                let growth = try await MemoryGrowth.measure { try await attack(50) }
                // What was sent is 3 MiB; buffers may double as they grow.
                growth.expect(below: 24 << 20, "50 peers that claim 128 MB and send 64 KiB")
                #expect(rig.node.statistics.connectedPeers == 52)
                #expect(try await foreign.order("release")["ended"] == 0)
            }
        }
    }

    @Test("50 peers that only claim a block of 128 MB, which nobody asked for") func unrequestedBlocks() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({ $0.wireLimits.maxBlockSize = 64_000_000 }) { rig in
                let header = String(Self.frame(.block, []).prefix(32)) + "0020a107" + "00000000"
                func attack(_ count: Int) async throws {
                    let ends = try await foreign.order(
                        "storm", ["port": .number(Int(rig.port)), "count": .number(count), "data": .text(header)])
                    #expect(ends["ends"]?["end"]?.number == count)
                }
                try await attack(2)
                let growth = try await MemoryGrowth.measure { try await attack(50) }
                growth.expect(below: 8 << 20, "50 unrequested claims of 128 MB")
                #expect(try await rig.told.end() == .refusedFrame(.payloadTooLong, command: .block))
            }
        }
    }

    /// bchd allocates the declared length before it checks it, and dies.
    @Test(
        "an ef token prefix with a huge commitment length",
        arguments: ["fdffff", "feffffffff", "ffffffffffffffff7f", "ffffffffffffffffff", "fe00000002"])
    func hugeCommitment(_ length: String) async throws {
        let script = "ef" + String(repeating: "11", count: 32) + "60" + length + "51"
        let bytes = Self.bytes(script)
        let transaction = try Transaction(
            inputs: [TransactionInput(outpoint: Outpoint(transaction: .zero, index: 0), script: [0x51])],
            outputs: [TransactionOutput(value: 1_000, script: WireBytes(bytes))])
        let frame = Self.frame(.transaction, transaction.bytes.array)
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({ configuration in
                let tell = configuration.listeners.onMessage
                configuration.listeners.onMessage = { peer, message in
                    // What an application does with a transaction.
                    if case .transaction(let transaction) = message {
                        guard transaction.outputs.allSatisfy({ $0.token == nil }) else { return }
                    }
                    tell?(peer, message)
                }
            }) { rig in
                func attack(_ times: Int) async throws {
                    let end = try await foreign.order(
                        "repeat", ["port": .number(Int(rig.port)), "data": .text(frame), "times": .number(times)])
                    #expect(end["end"] == "pong")
                }
                try await attack(10)
                let growth = try await MemoryGrowth.measure { try await attack(500) }
                growth.expect(below: 16 << 20, "500 commitments of a claimed length of \(length)")
                // It is a script like any other, byte for byte.
                #expect(try await rig.told.message(.transaction) == .transaction(transaction))
            }
        }
    }

    /// A frame in hexadecimal.
    private static func frame(_ command: Command, _ payload: [UInt8]) -> String {
        var bytes: [UInt8] = [0xda, 0xb5, 0xbf, 0xfa] + command.bytes
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        bytes += SHA256d.hash(payload).bytes.prefix(4)
        return WireBytes(bytes + payload).hexadecimal
    }

    private static func bytes(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
