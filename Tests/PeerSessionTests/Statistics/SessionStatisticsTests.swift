import PeerWire
import Testing

@testable import PeerSession

@Suite struct SessionStatisticsTests {
    @Test func aSessionAtRestKnowsNothing() {
        let plain = PlainSession(connecting: .inbound)
        let statistics = plain.session.statistics(at: plain.now)
        #expect(
            statistics
                == SessionStatistics(takenAt: plain.now, direction: .inbound, state: .connecting))
        #expect(statistics.connectedAt == nil && statistics.services == nil && statistics.negotiatedVersion == nil)
        #expect(statistics.lastReceivedAt == nil && statistics.lastSentAt == nil && statistics.lastPingSentAt == nil)
        #expect(statistics.startHeight == nil && statistics.lastBlockHeight == nil && statistics.traffic == nil)
    }

    @Test func whatThePeerSaidOfItself() {
        var plain = PlainSession(connecting: .inbound)
        plain.pass(.seconds(2))
        plain.take(.connected)
        plain.pass(.seconds(3))
        var remote = PlainSession.remote(80_000)
        remote.timeOffset = 1_234
        plain.receive(.version(remote))
        plain.receive(.verack)
        plain.session.isSyncPeer = true
        plain.session.noteBlock(height: 800_005)
        plain.session.noteBlock(height: 800_004)
        let block = Hash256(word0: 9, word1: 0, word2: 0, word3: 0)
        plain.receive(.inventory(InventoryFacts([InventoryVector(kind: .block, hash: block)])))
        let statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.takenAt == plain.now)
        #expect(statistics.direction == .inbound)
        #expect(statistics.state == .established)
        #expect(statistics.connectedAt == PlainSession.start + .seconds(2))
        #expect(statistics.negotiatedVersion == .current)
        #expect(statistics.remoteVersion == ProtocolVersion(rawValue: 80_000))
        #expect(statistics.services == [.network, .bitcoinCash])
        #expect(statistics.timeOffsetSeconds == 1_234)
        #expect(statistics.startHeight == 800_000)
        #expect(statistics.lastBlockHeight == 800_005)
        #expect(statistics.lastAnnouncedBlock == block)
        #expect(statistics.isSyncPeer)
    }

    @Test func pingsUnderWayAndMeasured() throws {
        var plain = PlainSession()
        #expect(plain.session.statistics(at: plain.now).lastPingSentAt == nil)
        plain.now = max(plain.now, plain.session.nextDeadline)
        let sentAt = plain.now
        guard case .sendPing(let nonce?)? = plain.take(.deadlineReached).first else {
            Issue.record("no ping was sent")
            return
        }
        var statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.awaitedPingNonce == nonce)
        #expect(statistics.lastPingSentAt == sentAt)
        #expect(statistics.lastPingMicroseconds == nil && statistics.minimumPingMicroseconds == nil)
        plain.pass(.microseconds(1_500))
        plain.receive(.pong(nonce: nonce))
        statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.awaitedPingNonce == nil)
        #expect(statistics.lastPingSentAt == sentAt)
        #expect(statistics.lastPingMicroseconds == 1_500 && statistics.minimumPingMicroseconds == 1_500)
    }

    @Test func whatWaits() {
        var plain = PlainSession()
        plain.take(.sendQueue(pendingByteCount: 3 << 20, sentByteCount: 10))
        plain.receive(.getData(.blocks(1)), byteCount: 61)
        plain.receive(.getAddresses, byteCount: 24)
        var statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.pendingByteCount == 3 << 20)
        #expect(statistics.postponedRequestCount == 2)
        #expect(statistics.postponedByteCount == 61 + 64 + 24 + 64)
        #expect(statistics.pausedTime == .zero)
        plain.take(.readingPaused)
        plain.pass(.seconds(7))
        statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.pausedTime == .seconds(7))
        plain.take(.readingResumed)
        plain.pass(.seconds(5))
        #expect(plain.session.statistics(at: plain.now).pausedTime == .seconds(7))
    }

    @Test func offencesAndDroppedMessages() {
        var plain = PlainSession()
        plain.take(.misbehaved(.unconnectingHeaders))
        plain.receive(.feeFilter(rate: -1))
        plain.receive(.addresses(count: 11))
        var statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.misbehaviourScore == 22)
        #expect(statistics.offenceCount == 2)
        #expect(statistics.droppedMessageCount == 1)
        #expect(statistics.rateLimitedAddressCount == 10)
        plain.pass(.seconds(60))
        statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.misbehaviourScore == 12)
        // What was counted is still there when the session has ended.
        plain.take(.transportClosed(.reset))
        let last = plain.session.statistics(at: plain.now)
        #expect(last.state == .closed)
        #expect(last.misbehaviourScore == 12 && last.offenceCount == 2 && last.droppedMessageCount == 1)
        #expect(last.receivedMessageCount == 4 && last.services == statistics.services)
    }

    /// Counted beside the session, by the names of commands.
    private struct Ledger {
        var rows: [String: CommandTraffic.Row] = [:]
        var received = CommandTraffic.Count()
        var sent = CommandTraffic.Count()

        mutating func receive(_ name: String, _ bytes: Int) {
            rows[name, default: .init()].received += .init(messages: 1, bytes: UInt64(bytes))
            received += .init(messages: 1, bytes: UInt64(bytes))
        }

        mutating func send(_ name: String, _ bytes: Int) {
            rows[name, default: .init()].sent += .init(messages: 1, bytes: UInt64(bytes))
            sent += .init(messages: 1, bytes: UInt64(bytes))
        }
    }

    private static let messages: [(MessageFacts, String)] = [
        (.ping(nonce: 1, checksum: 2), "ping"), (.pong(nonce: 3), "pong"), (.inventory(.transactions(2)), "inv"),
        (.transaction(nil), "tx"), (.block(nil), "block"), (.headers(count: 1), "headers"),
        (.notFound(.blocks(1)), "notfound"), (.addresses(count: 1), "addr"), (.addressesV2(count: 1), "addrv2"),
        (.sendHeaders, "sendheaders"), (.getHeaders(BlockRange(first: .zero)), "getheaders"), (.reject, "reject"),
        (.unknown(Command(literal: "alert")), ""), (.custom(Command(literal: "mine")), ""),
    ]

    @Test(arguments: 0..<5 as Range<UInt64>) func theCountsAreThoseOfTheEvents(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var plain = PlainSession { $0.countsTrafficByPeer = true }
        var ledger = Ledger()
        ledger.receive("version", 150)
        ledger.receive("verack", 24)
        var (bytesIn, bytesOut) = (UInt64(0), UInt64(0))
        var (lastIn, lastOut): (ContinuousClock.Instant?, ContinuousClock.Instant?) = (nil, nil)
        for _ in 0..<2_000 {
            plain.pass(.microseconds(random.next(below: 10_000)))
            let (message, name) = Self.messages[random.next(below: Self.messages.count)]
            let size = 24 + random.next(below: 100_000)
            switch random.next(below: 4) {
            case 0:
                plain.session.countReceived(byteCount: size, at: plain.now)
                (bytesIn, lastIn) = (bytesIn + UInt64(size), plain.now)
            case 1:
                plain.session.countSent(byteCount: size, at: plain.now)
                (bytesOut, lastOut) = (bytesOut + UInt64(size), plain.now)
            case 2:
                plain.session.countSent(message.kind, frameByteCount: size)
                ledger.send(name, size)
            default:
                plain.receive(message, byteCount: size)
                ledger.receive(name, size)
            }
        }
        #expect(!plain.session.isClosed)
        let statistics = plain.session.statistics(at: plain.now)
        #expect(statistics.receivedByteCount == bytesIn && statistics.sentByteCount == bytesOut)
        #expect(statistics.lastReceivedAt == lastIn && statistics.lastSentAt == lastOut)
        #expect(statistics.receivedMessageCount == ledger.received.messages)
        #expect(statistics.sentMessageCount == ledger.sent.messages)
        let traffic = try #require(statistics.traffic)
        for (kind, row) in traffic {
            #expect(row == ledger.rows[kind?.command.description ?? ""] ?? .init(), "\(String(describing: kind))")
        }
        #expect(traffic.total == CommandTraffic.Row(received: ledger.received, sent: ledger.sent))
        #expect(plain.session.group.traffic == traffic, "the only session of its loop")
    }

    @Test func countingByCommandIsSwitchedWhileRunning() {
        var plain = PlainSession()
        #expect(!plain.session.countsTraffic && plain.session.traffic == nil)
        plain.receive(.ping(nonce: 1, checksum: 2), byteCount: 32)
        plain.session.countsTraffic = true
        #expect(plain.session.traffic == CommandTraffic())
        plain.receive(.pong(nonce: 1), byteCount: 32)
        plain.session.countSent(.headers, frameByteCount: 106)
        plain.session.countsTraffic = true
        #expect(plain.session.traffic?[.ping].received.messages == 0)
        #expect(plain.session.traffic?[.pong].received == .init(messages: 1, bytes: 32))
        #expect(plain.session.traffic?[.headers].sent == .init(messages: 1, bytes: 106))
        let before = plain.session.statistics(at: plain.now)
        plain.receive(.pong(nonce: 2), byteCount: 32)
        #expect(before.traffic?[.pong].received.messages == 1, "what was taken does not change")
        plain.session.countsTraffic = false
        #expect(plain.session.statistics(at: plain.now).traffic == nil)
        #expect(plain.session.group.traffic[.pong].received.messages == 2, "the loop counts always")
        plain.session.countsTraffic = true
        #expect(plain.session.traffic == CommandTraffic())
    }

    @Test func aSnapshotIsOneValue() throws {
        let plain = PlainSession { $0.countsTrafficByPeer = true }
        let address = try #require(PeerAddress("1.2.3.4:8333"))
        let statistics = plain.session.statistics(at: plain.now)
        let snapshot = PeerSnapshot(
            id: 4, address: address, userAgent: UserAgent(name: "Sample", version: "1.0"), statistics: statistics)
        var other = snapshot
        #expect(Set([snapshot, other]).count == 1)
        other.statistics.traffic = nil
        #expect(other != snapshot)
        #expect(snapshot.statistics.traffic?[.version].received == .init(messages: 1, bytes: 150))
    }

    @Test func aSessionIsSmall() {
        #expect(MemoryLayout<PeerSession>.size <= 600)
        #expect(MemoryLayout<AddressRate>.size <= 16)
        #expect(MemoryLayout<MisbehaviourScore>.size <= 25)
        #expect(MemoryLayout<SessionCounters>.size <= 88)
        print("PeerSession \(MemoryLayout<PeerSession>.size) bytes, SessionStatistics", terminator: " ")
        print("\(MemoryLayout<SessionStatistics>.size), MisbehaviourPolicy \(MemoryLayout<MisbehaviourPolicy>.size)")
    }
}
