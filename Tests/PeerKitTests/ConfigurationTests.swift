import PeerKit
import Testing

@Suite struct ConfigurationTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout PeerConfiguration) -> Void

        init(_ field: String, _ change: @escaping @Sendable (inout PeerConfiguration) -> Void) {
            testDescription = field
            self.change = change
        }
    }

    private static let durations: [(String, any WritableKeyPath<PeerConfiguration, Duration> & Sendable)] = [
        ("connectTimeout", \.connectTimeout), ("handshakeTimeout", \.handshakeTimeout),
        ("idleTimeout", \.idleTimeout), ("pingInterval", \.pingInterval), ("pongTimeout", \.pongTimeout),
        ("goodbyeTimeout", \.goodbyeTimeout), ("frameTimeout", \.frameTimeout),
        ("sendProgressTimeout", \.sendProgressTimeout),
    ]
    private static let counts: [(String, any WritableKeyPath<PeerConfiguration, Int> & Sendable)] = [
        ("sendQueueByteCap", \.sendQueueByteCap), ("sendQueueHighMark", \.sendQueueHighMark),
        ("postponedByteCap", \.postponedByteCap), ("laneMessageLimit", \.laneMessageLimit),
        ("laneByteLimit", \.laneByteLimit), ("heldByteCap", \.heldByteCap), ("workers", \.workers),
        ("readByteCountPerTick", \.readByteCountPerTick),
        ("slowestByteRate", \.slowestByteRate), ("unrequestedBlockByteCap", \.unrequestedBlockByteCap),
    ]

    // A duration under a nanosecond would be rounded to none.
    private static let wrongDurations: [Duration] = [
        .zero, .seconds(-1), .seconds(101 * 365 * 86_400), Duration(attoseconds: 1),
    ]

    static let wrong: [Wrong] = {
        var wrong: [Wrong] = []
        for (name, path) in durations {
            for duration in wrongDurations { wrong.append(Wrong(name) { $0[keyPath: path] = duration }) }
        }
        for (name, path) in counts {
            for count in [0, -1] { wrong.append(Wrong(name) { $0[keyPath: path] = count }) }
        }
        wrong.append(Wrong("userAgent") { $0.userAgent = UserAgent(bytes: [UInt8](repeating: 0x61, count: 257)) })
        wrong.append(
            Wrong("minimumProtocolVersion") { $0.minimumProtocolVersion = ProtocolVersion(rawValue: 70_017) })
        wrong.append(Wrong("minimumProtocolVersion") { $0.minimumProtocolVersion = ProtocolVersion(rawValue: 0) })
        wrong.append(Wrong("maxInventoryCount") { $0.wireLimits.maxInventoryCount = 4_999 })
        wrong.append(Wrong("maxRejectReasonLength") { $0.wireLimits.maxRejectReasonLength = 110 })
        wrong.append(Wrong("limit of inbound peers") { $0.maxInboundPeers = -1 })
        wrong.append(Wrong("limit of inbound peers") { $0.maxInboundPeersPerAddress = -1 })
        wrong.append(Wrong("maxWorkers") { $0.maxWorkers = $0.workers - 1 })
        wrong.append(Wrong("readByteCountPerTick") { $0.readByteCountPerTick = (16 << 20) + 1 })
        // What the node itself says would not pass.
        wrong.append(Wrong("'version'") { $0.wireLimits.maxVersionPayload = 80 })
        wrong.append(Wrong("'extversion'") { $0.wireLimits.maxExtendedVersionPayload = 1 })
        wrong.append(Wrong("'inv'") { $0.wireLimits.maxOrdinaryPayload = 180_000 })
        wrong.append(Wrong("'inv'") { $0.wireLimits.maxOrdinaryPayload = $0.smallInventory(36) })
        wrong.append(Wrong("'reject'") { $0.wireLimits.maxOrdinaryPayload = $0.smallInventory(60) })
        wrong.append(Wrong("'reject'") { $0.wireLimits.maxRejectCommandLength = 11 })
        // Between the cap and the mark a queue would be full and yet writable, and nothing would tell when it is not.
        wrong.append(Wrong("sendQueueHighMark") { $0.sendQueueHighMark = $0.sendQueueByteCap + 1 })
        return wrong
    }()

    @Test(arguments: wrong) func whatCannotBeIsATypedError(_ wrong: Wrong) throws {
        var configuration = PeerConfiguration(network: .regtest)
        wrong.change(&configuration)
        let error = try #require(throws: NodeError.self) { try PeerNode(configuration) }
        guard case .invalidConfiguration(let text) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(text.contains(wrong.testDescription))
    }

    @Test func theLargestReadThatCanBeIs() async throws {
        var configuration = PeerConfiguration(network: .regtest)
        configuration.readByteCountPerTick = 16 << 20
        let node = try PeerNode(configuration)
        #expect(await node.shutdown(within: .seconds(30)))
    }

    @Test func theLeastThatCanBeIs() async throws {
        var configuration = PeerConfiguration(network: .regtest)
        for (_, path) in Self.durations { configuration[keyPath: path] = .nanoseconds(1) }
        for (_, path) in Self.counts { configuration[keyPath: path] = 1 }
        configuration.userAgent = UserAgent(bytes: [UInt8](repeating: 0x61, count: 256))
        let node = try PeerNode(configuration)
        #expect(await node.shutdown(within: .seconds(30)))
    }
}

extension PeerConfiguration {
    /// Announces one item at a time, so that an `inv` passes where longer messages do not. Returns `limit`.
    fileprivate mutating func smallInventory(_ limit: Int) -> Int {
        inventory.maxItemsPerMessage = 1
        return limit
    }
}
