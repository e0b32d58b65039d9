import PeerSession
import PeerWire
import Testing

@Suite("Configuration of sessions")
struct SessionConfigurationTests {
    @Test("the defaults of the handshake and the deadlines")
    func defaults() {
        let configuration = SessionConfiguration.plain
        #expect(configuration.problem == nil)
        #expect(configuration.protocolVersion == .current)
        #expect(configuration.minimumProtocolVersion == .multipleAddresses)
        #expect(configuration.services == [])
        #expect(configuration.requiredServices == [])
        #expect(configuration.asksForAddressesV2)
        #expect(!configuration.asksNewestBlock && !configuration.asksVersionAcceptance)
        #expect(!configuration.allowSelfConnections)
        #expect(configuration.heldByteCap == 1 << 20)
        #expect(configuration.handshakeTimeout == .seconds(30))
        #expect(configuration.idleTimeout == .seconds(300))
        #expect(configuration.pingInterval == .seconds(120))
        #expect(configuration.pongTimeout == .seconds(1_200))
        #expect(configuration.frameTimeout == .seconds(60))
        #expect(configuration.slowestByteRate == 16 << 10)
        #expect(configuration.sendProgressTimeout == .seconds(60))
        #expect(configuration.sendQueueHighMark == 1 << 20)
        #expect(configuration.postponedByteCap == 1 << 20)
        #expect(configuration.unrequestedBlockByteCap == 4 << 20)
        #expect(!configuration.countsTrafficByPeer)
    }

    @Test("the defaults of responses, inventory and addresses")
    func moreDefaults() {
        let responses = ResponseTimeouts()
        #expect(responses.headers == .seconds(90))
        #expect(responses.mempool == nil)
        let others = [
            responses.data, responses.blockInventory, responses.committedFilters, responses.committedFilterHeaders,
            responses.committedFilterCheckpoints, responses.blockTransactions,
        ]
        #expect(others.allSatisfy { $0 == .seconds(30) })
        let inventory = InventoryConfiguration()
        #expect(inventory.trickleInterval == .milliseconds(50))
        #expect(inventory.maxItemsPerMessage == 5_000)
        #expect(inventory.maxKnownItems == 2_000)
        #expect(inventory.remembersWhatPeersSend)
        #expect(inventory.order == .asAnnounced)
        let addresses = AddressRateConfiguration()
        #expect(addresses.addressesPerSecond == 0.1)
        #expect(addresses.initialAddresses == 1)
        #expect(addresses.maxAddresses == 1_000)
        #expect(addresses.addressesPerRequest == 1_000)
    }

    /// Changes that cannot be, and the setting that the problem names.
    private static let problems: [(String, @Sendable (inout SessionConfiguration) -> Void)] = [
        ("handshakeTimeout", { $0.handshakeTimeout = .zero }),
        ("idleTimeout", { $0.idleTimeout = .seconds(-1) }),
        ("pingInterval", { $0.pingInterval = .zero }),
        ("pongTimeout", { $0.pongTimeout = SessionConfiguration.longestDuration + .nanoseconds(1) }),
        ("frameTimeout", { $0.frameTimeout = .zero }),
        ("sendProgressTimeout", { $0.sendProgressTimeout = .zero }),
        ("responseTimeouts.headers", { $0.responseTimeouts.headers = .zero }),
        ("responseTimeouts.data", { $0.responseTimeouts.data = .seconds(-1) }),
        ("responseTimeouts.mempool", { $0.responseTimeouts.mempool = .zero }),
        ("heldByteCap", { $0.heldByteCap = 0 }),
        ("slowestByteRate", { $0.slowestByteRate = 0 }),
        ("sendQueueHighMark", { $0.sendQueueHighMark = 0 }),
        ("postponedByteCap", { $0.postponedByteCap = -1 }),
        ("unrequestedBlockByteCap", { $0.unrequestedBlockByteCap = 0 }),
        ("minimumProtocolVersion", { $0.minimumProtocolVersion = ProtocolVersion(rawValue: 70_017) }),
        ("inventory.trickleInterval", { $0.inventory.trickleInterval = .nanoseconds(-1) }),
        ("inventory.maxItemsPerMessage", { $0.inventory.maxItemsPerMessage = 0 }),
        ("inventory.maxItemsPerMessage", { $0.inventory.maxItemsPerMessage = 50_001 }),
        ("inventory.maxWaitingItems", { $0.inventory.maxWaitingItems = 0 }),
        ("inventory.maxKnownItems", { $0.inventory.maxKnownItems = 60_001 }),
        ("inventory.maxKnownItems", { $0.inventory.maxKnownItems = -1 }),
        ("addressRate.addressesPerSecond", { $0.addressRate.addressesPerSecond = -0.1 }),
        ("addressRate.maxAddresses", { $0.addressRate.maxAddresses = .nan }),
        ("addressRate.addressesPerRequest", { $0.addressRate.addressesPerRequest = .infinity }),
    ]

    @Test("what cannot be is named", arguments: problems.indices)
    func problem(index: Int) {
        let (name, change) = Self.problems[index]
        let problem = SessionConfiguration.with(change).problem
        #expect(problem?.hasPrefix(name) == true, "\(problem ?? "no problem")")
    }

    /// A process for each would take long; one of each kind will do.
    @Test("a group traps on it", arguments: [0, 3, 9, 14, 19, 22])
    func trap(index: Int) async {
        await #expect(processExitsWith: .failure) { [index] in
            _ = SessionGroup.plain(.with(SessionConfigurationTests.problems[index].1))
        }
    }

    @Test("the edges of what can be work")
    func extremes() {
        let longest = SessionConfiguration.longestDuration
        let patient = SessionConfiguration.with {
            $0.handshakeTimeout = longest
            $0.idleTimeout = longest
            $0.pingInterval = longest
            $0.pongTimeout = longest
            $0.frameTimeout = longest
            $0.slowestByteRate = 1
            $0.inventory.trickleInterval = .zero
            $0.inventory.maxKnownItems = 0
            $0.responseTimeouts.headers = longest
        }
        #expect(patient.problem == nil)
        var rig = SessionRig(in: .established, .outbound, patient)
        #expect(rig.session.nextDeadline > rig.now)
        #expect(rig.decide(.getHeaders(BlockRange(first: .zero))) == .send)
        rig.take(.framePartlyReceived(command: .headers, payloadByteCount: Int(UInt32.max)))
        rig.reachDeadline()
        #expect(rig.session.nextDeadline > rig.now)

        let hasty = SessionConfiguration.with {
            $0.handshakeTimeout = .nanoseconds(1)
            $0.idleTimeout = .nanoseconds(1)
            $0.pingInterval = .nanoseconds(1)
            $0.pongTimeout = .nanoseconds(1)
            $0.slowestByteRate = .max
        }
        #expect(hasty.problem == nil)
        rig = SessionRig(in: .established, .outbound, hasty)
        #expect(rig.session.nextDeadline == SessionRig.start + .nanoseconds(1))
    }
}
