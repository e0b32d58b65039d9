import PeerSession
import PeerWire

/// What a seed draws once for all: how its faults look.
struct SwarmSettings {
    let faults: Faults
    let maxBlockSize: Int
    let maxOrdinaryPayload: Int
    /// The longest between two things that scripts do.
    let pause: Duration
    private let cutCount: Int
    private let cutLength: Int
    private let bufferSize: Int
    private let bytesPerSecond: Int
    private let slowCalls: Int
    private let slowestCall: Duration
    private let failedConnects: Int
    private let corruption: Int
    private let pingInterval: Duration
    private let trickle: Duration
    private let order: InventoryConfiguration.Order
    private let largePayload: Int
    private let laneMessages: Int
    private let laneBytes: Int
    private let sendCap: Int
    private let highMark: Int
    private let registry: MessageRegistry

    init(faults: Faults, random: inout SimulationRandom) {
        self.faults = faults
        maxBlockSize = faults.contains(.largeMessages) ? random.number(in: 50_000...200_000) : 20_000
        maxOrdinaryPayload = 70_000
        pause = .milliseconds(random.number(in: 1...400))
        cutCount = random.size(upTo: 500)
        cutLength = random.size(upTo: 64)
        bufferSize = 1_024 + random.size(upTo: 16_384)
        bytesPerSecond = 10_000 + random.size(upTo: 500_000)
        slowCalls = random.number(in: 5...300)
        slowestCall = .milliseconds(random.size(upTo: 3_000))
        failedConnects = random.number(in: 50...500)
        corruption = random.number(in: 50...500)
        pingInterval = .seconds(random.chance(perMille: 850) ? 120 : random.number(in: 30...60))
        trickle = .milliseconds(random.chance(perMille: 200) ? 0 : random.size(upTo: 1_000))
        order = random.chance(perMille: 500) ? .asAnnounced : .shuffled
        largePayload = faults.contains(.largeMessages) ? 4_096 + random.size(upTo: 61_440) : 65_536
        let isSmall = faults.contains(.smallLimits)
        laneMessages = isSmall ? random.number(in: 2...16) : 64
        laneBytes = isSmall ? 2_000 + random.size(upTo: 50_000) : 4 << 20
        sendCap = isSmall ? 2 * maxBlockSize + random.size(upTo: 100_000) : 64 << 20
        highMark = isSmall ? 2_000 + random.size(upTo: 30_000) : 1 << 20
        var registry = MessageRegistry()
        // Nobody else has this command.
        try? registry.register(SimGreeting.self)
        self.registry = registry
    }

    // MARK: Nodes

    func apply(to settings: inout SimNode.Settings, _ random: inout SimulationRandom) {
        settings.registry = registry
        settings.wire.maxBlockSize = maxBlockSize
        settings.session.pingInterval = pingInterval
        settings.session.inventory.trickleInterval = trickle
        settings.session.inventory.order = order
        settings.session.sendQueueHighMark = highMark
        settings.host.largePayloadByteCount = largePayload
        settings.host.laneMessageCap = laneMessages
        settings.host.laneByteCap = laneBytes
        settings.host.sendQueueByteCap = sendCap
        if faults.contains(.smallLimits) {
            settings.session.postponedByteCap = 1_000 + random.size(upTo: 100_000)
            settings.session.heldByteCap = 100 + random.size(upTo: 10_000)
            settings.session.inventory.maxItemsPerMessage = random.size(upTo: 100)
            settings.session.inventory.maxKnownItems = random.chance(perMille: 200) ? 0 : random.size(upTo: 2_000)
            settings.session.inventory.maxWaitingItems = random.size(upTo: 1_000)
        }
        if faults.contains(.slowListeners) {
            settings.pace.slowCallsPerMille = slowCalls
            settings.pace.slowestCall = slowestCall
        }
        if faults.contains(.questions) {
            settings.session.asksNewestBlock = random.chance(perMille: 500)
            settings.session.asksVersionAcceptance = random.chance(perMille: 500)
            if random.chance(perMille: 100) { settings.pace.slowestAnswer = .seconds(40) }
        }
        settings.session.services = [.network, .bitcoinCash]
        if faults.contains(.versions) { applyVersions(to: &settings, &random) }
    }

    private func applyVersions(to settings: inout SimNode.Settings, _ random: inout SimulationRandom) {
        let versions: [Int32] = [70016, 70015, 70012, 70002, 70001, 60001, 60000, 31800]
        if random.chance(perMille: 400) {
            settings.session.protocolVersion = ProtocolVersion(rawValue: versions[random.below(versions.count)])
        }
        if random.chance(perMille: 100) {
            settings.session.minimumProtocolVersion = min(settings.session.protocolVersion, .reject)
        }
        if random.chance(perMille: 500) { settings.session.services.insert(.extendedVersion) }
        if random.chance(perMille: 200) { settings.session.services.insert(.bloom) }
        if random.chance(perMille: 200) { settings.session.asksForAddressesV2 = false }
        if random.chance(perMille: 50) { settings.session.requiredServices = [.bloom] }
    }

    // MARK: Ways

    /// A way with nothing worse than cuts and jitter.
    func calmLink(_ random: inout SimulationRandom) -> LinkProfile {
        var link = LinkProfile()
        link.latency = .milliseconds(random.number(in: 1...150))
        if faults.contains(.cutSegments) {
            link.cutSegmentCount = cutCount
            link.cutSegmentByteCount = cutLength
        }
        if faults.contains(.jitter) {
            link.jitter = random.duration(upTo: .milliseconds(100))
            link.readDelay = random.duration(upTo: .milliseconds(50))
            link.readByteCount = random.chance(perMille: 500) ? 64 << 10 : 500 + random.size(upTo: 4_096)
        }
        return link
    }

    func link(_ random: inout SimulationRandom) -> LinkProfile {
        var link = calmLink(&random)
        if faults.contains(.smallBuffers) {
            link.sendBufferByteCount = bufferSize
            link.receiveWindowByteCount = bufferSize
        }
        if faults.contains(.slowLinks) { link.bytesPerSecond = bytesPerSecond }
        if faults.contains(.failedConnects), random.chance(perMille: failedConnects) {
            link.connecting = random.chance(perMille: 500) ? .isRefused : .timesOut
        }
        if faults.contains(.corruption), random.chance(perMille: corruption) {
            link.corruption = LinkProfile.Corruption(
                towardsDialled: random.chance(perMille: 500),
                offset: UInt64(random.chance(perMille: 300) ? random.size(upTo: 20_000) : random.below(20_000)),
                bit: UInt8(random.below(8)))
        }
        return link
    }

    func blockSize(_ random: inout SimulationRandom) -> Int { 200 + random.size(upTo: 8_000) }
}
