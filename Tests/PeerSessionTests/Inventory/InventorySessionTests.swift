import PeerSession
import PeerWire
import Testing

/// Inventory as a host sees it, through a session.
@Suite struct InventorySessionTests {
    /// A session and its group, with time that moves only when told.
    private struct Rig {
        static let key = ConnectionNonce.Key(1, 2)
        let group: SessionGroup
        var session: PeerSession
        var now = ContinuousClock().systemEpoch + .seconds(1_000)
        var list = ActionList()

        init(_ change: (inout SessionConfiguration) -> Void = { _ in }) {
            var configuration = SessionConfiguration(nonceKey: Self.key)
            change(&configuration)
            group = SessionGroup(configuration: configuration, inventoryKey: (3, 4))
            session = PeerSession(
                group: group, direction: .outbound, localNonce: Self.key.makeNonce(random: 7), seed: 8, at: now)
        }

        /// A session whose handshake is done.
        static func established(
            relay: Bool = true, _ change: (inout SessionConfiguration) -> Void = { _ in }
        ) -> Rig {
            var rig = Rig(change)
            rig.establish(relay: relay)
            return rig
        }

        mutating func establish(relay: Bool = true) {
            give(.connected)
            let version = VersionFacts(
                protocolVersion: ProtocolVersion(rawValue: 70_016), services: [.network], nonce: 9, relay: relay)
            give(.message(.version(version), frameByteCount: 126))
            give(.message(.verack, frameByteCount: 24))
            precondition(session.isEstablished, "the handshake did not come to its end")
        }

        mutating func give(_ event: SessionEvent) {
            list.removeAll()
            session.handle(event, at: now, into: &list)
        }

        mutating func announce(_ items: [InventoryVector]) {
            list.removeAll()
            session.announce(items.span, at: now, into: &list)
        }

        mutating func remember(_ items: [InventoryVector]) { session.remember(items.span) }

        mutating func reachDeadline() {
            now = max(now, session.nextDeadline)
            give(.deadlineReached)
        }

        /// The batches of the last event.
        var sent: [[InventoryVector]] {
            var batches: [[InventoryVector]] = []
            list.forEach { action in
                if case .sendInventory(let first, let count) = action {
                    batches.append(Array(list.items(first: first, count: count)))
                }
            }
            return batches
        }
    }

    private static func item(_ number: UInt64, _ kind: InventoryKind = .transaction) -> InventoryVector {
        InventoryVector(kind: kind, hash: Hash256(word0: number, word1: 1, word2: 2, word3: 3))
    }

    private static let items = (0..<10).map { item($0) }

    @Test func itemsAreSentInABatchByTheDeadline() {
        var rig = Rig.established()
        let start = rig.now
        rig.announce(Self.items)
        #expect(rig.sent.isEmpty)
        #expect(rig.session.waitingInventoryCount == 10)
        #expect(rig.session.nextDeadline == start + .milliseconds(50))
        rig.reachDeadline()
        #expect(rig.sent == [Self.items])
        #expect(rig.session.waitingInventoryCount == 0)
        #expect(rig.session.knownInventory == Self.items)
        #expect(rig.session.nextDeadline > rig.now + .milliseconds(50), "no timer while nothing waits")
    }

    @Test func blocksAreSentAtOnce() {
        var rig = Rig.established()
        rig.announce([Self.item(1), Self.item(2, .block)])
        #expect(rig.sent == [[Self.item(2, .block)]])
        rig.reachDeadline()
        #expect(rig.sent == [[Self.item(1)]])
    }

    @Test func withoutAnIntervalAllIsSentAtOnce() {
        var rig = Rig.established { $0.inventory.trickleInterval = .zero }
        rig.announce(Self.items)
        #expect(rig.sent == [Self.items])
    }

    @Test func whatThePeerKnowsIsNotSent() {
        var rig = Rig.established()
        rig.remember([Self.item(0), Self.item(1)])
        rig.announce(Self.items)
        rig.give(.message(.transaction(Self.item(2).hash), frameByteCount: 300))
        rig.remember([Self.item(3)])
        rig.reachDeadline()
        #expect(rig.sent == [Array(Self.items[4...])])
        #expect(rig.session.knows(Self.item(2)))
        #expect(rig.session.forget(Self.item(2)) == true)
        #expect(rig.session.forget(Self.item(2)) == false)
        #expect(!rig.session.knows(Self.item(2)))
        #expect(rig.session.knownInventory == [0, 1, 3, 4, 5, 6, 7, 8, 9].map { Self.item($0) })
    }

    @Test func allWaitsForTheHandshake() {
        var rig = Rig()
        rig.announce([Self.item(1), Self.item(2, .block)])
        #expect(rig.list.isEmpty)
        rig.establish()
        rig.reachDeadline()
        #expect(rig.sent == [[Self.item(2, .block)]] || rig.sent == [[Self.item(2, .block), Self.item(1)]])
        if rig.session.waitingInventoryCount > 0 { rig.reachDeadline() }
        #expect(rig.session.knownInventory == [Self.item(2, .block), Self.item(1)])
    }

    @Test func aPeerThatWantsNoTransactionsGetsNone() {
        var rig = Rig()
        rig.announce([Self.item(1)])
        rig.establish(relay: false)
        rig.announce([Self.item(2), Self.item(3, .doubleSpendProof), Self.item(4, .block)])
        #expect(rig.sent.flatMap(\.self) == [Self.item(4, .block)])
        rig.now += .seconds(1)
        rig.give(.deadlineReached)
        #expect(rig.sent.isEmpty)
        #expect(rig.session.waitingInventoryCount == 0)
        #expect(rig.group.inventoryItemCount == 1)
    }

    @Test func aPeerThatDoesNotReadGetsOnlyBlocks() {
        var rig = Rig.established { $0.sendQueueHighMark = 1_000 }
        rig.give(.sendQueue(pendingByteCount: 1_001, sentByteCount: 0))
        rig.announce([Self.item(1), Self.item(2, .block)])
        #expect(rig.sent == [[Self.item(2, .block)]])
        rig.now += .milliseconds(50)
        rig.give(.deadlineReached)
        #expect(rig.sent.isEmpty)
        rig.give(.sendQueue(pendingByteCount: 500, sentByteCount: 501))
        #expect(rig.session.nextDeadline <= rig.now)
        rig.reachDeadline()
        #expect(rig.sent == [[Self.item(1)]])
    }

    @Test func whatIsDroppedIsCounted() {
        var rig = Rig.established { $0.inventory.maxWaitingItems = 4 }
        rig.announce(Self.items)
        #expect(rig.session.droppedInventoryCount == 6)
        rig.reachDeadline()
        #expect(rig.sent == [Array(Self.items[6...])])
    }

    @Test func nothingIsRememberedWhereNothingIsToBe() {
        var rig = Rig.established { $0.inventory.maxKnownItems = 0 }
        rig.remember(Self.items)
        rig.announce(Self.items)
        rig.reachDeadline()
        #expect(rig.sent == [Self.items])
        #expect(rig.session.knownInventory.isEmpty)
        #expect(rig.group.inventoryItemCount == 0)
    }

    @Test func aClosedSessionGivesItsItemsBack() {
        var rig = Rig.established()
        rig.announce(Self.items)
        rig.remember([Self.item(50)])
        #expect(rig.group.inventoryItemCount == 11)
        rig.give(.disconnectRequested)
        #expect(rig.group.inventoryItemCount == 0)
        rig.announce(Self.items)
        rig.remember(Self.items)
        #expect(rig.list.isEmpty)
        #expect(rig.group.inventoryItemCount == 0)
        #expect(!rig.session.knows(Self.item(50)))
    }
}
