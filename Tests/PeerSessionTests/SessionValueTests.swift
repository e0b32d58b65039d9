import PeerWire
import Testing

@testable import PeerSession

@Suite("Values: sizes, lists, texts, configuration")
struct SessionValueTests {
    private func isBitwise<Value: BitwiseCopyable>(_: Value.Type) -> Bool { true }

    @Test("a session at rest is small, and what passes through it is plain memory")
    func sizes() {
        #expect(MemoryLayout<PeerSession>.size <= 350)
        #expect(MemoryLayout<SessionEvent>.size <= 40)
        #expect(MemoryLayout<SessionAction>.size <= 32)
        #expect(MemoryLayout<ActionList>.size <= 320)
        // These fail to compile, rather than to run, when a reference gets in.
        #expect(isBitwise(SessionEvent.self) && isBitwise(SessionAction.self) && isBitwise(ActionList.self))
        #expect(isBitwise(DisconnectReason.self) && isBitwise(Handshake.self))
        #expect(isBitwise(PingSchedule.self) && isBitwise(IdleWatch.self) && isBitwise(SplitMix64.self))
    }

    // MARK: ActionList

    @Test("a list keeps its actions in order and can be emptied")
    func list() {
        var list = ActionList()
        #expect(list.isEmpty)
        for nonce in 0..<UInt64(ActionList.capacity) { list.append(.sendPing(nonce: nonce)) }
        #expect(list.count == ActionList.capacity)
        #expect(list.array == (0..<UInt64(ActionList.capacity)).map { .sendPing(nonce: $0) })
        #expect(list[7] == .sendPing(nonce: 7))
        list.removeAll()
        #expect(list.isEmpty)
        list.append(.sendVerack)
        #expect(list.array == [.sendVerack])
    }

    @Test("walking a list passes on what is thrown")
    func thrown() {
        struct Stop: Error {}
        var list = ActionList()
        list.append(.sendVersion)
        list.append(.sendVerack)
        var seen = 0
        #expect(throws: Stop.self) {
            try list.forEach { _ in
                seen += 1
                throw Stop()
            }
        }
        #expect(seen == 1)
    }

    @Test("a full list is a mistake of the host")
    func overflow() async {
        await #expect(processExitsWith: .failure) {
            var list = ActionList()
            for _ in 0...ActionList.capacity { list.append(.deliver) }
        }
    }

    @Test("an index beyond the count is a mistake, though there is room behind it")
    func index() async {
        await #expect(processExitsWith: .failure) {
            var list = ActionList()
            list.append(.deliver)
            _ = list[1]
        }
    }

    @Test("events may share a list")
    func shared() {
        var rig = SessionRig(.outbound)
        var list = ActionList()
        rig.session.handle(.connected, at: rig.now, into: &list)
        rig.session.handle(.version(.sample()), at: rig.now, into: &list)
        rig.session.handle(.verack, at: rig.now, into: &list)
        #expect(list.array == [.sendVersion, .deliver, .sendVerack, .deliver, .established(version: .current)])
    }

    // MARK: Texts

    static let reasons: [(DisconnectReason, DisconnectReason.Side, String)] = [
        (.requested, .application, "closed on request"),
        (.shutDown, .node, "closed: the node is shutting down"),
        (.handshakeTimedOut, .node, "closed: the handshake did not finish in time"),
        (.obsoleteVersion(.multipleAddresses), .node, "closed: the peer's protocol version 209 is too old"),
        (.missingServices([.network, .bloom]), .node, "closed: the peer lacks a required service: NETWORK|BLOOM"),
        (.selfConnection, .node, "closed: the peer is this node itself"),
        (.protocolViolation(.beforeVersion, command: .ping), .node, "closed: the peer's ping came before version"),
        (.protocolViolation(.beforeVerack, command: .block), .node, "closed: the peer's block came before verack"),
        (
            .protocolViolation(.duplicateVersion, command: .version), .node,
            "closed: the peer's version came a second time"
        ),
        (.protocolViolation(.duplicateVerack, command: .verack), .node, "closed: the peer's verack came a second time"),
        (.refusedFrame(.checksumMismatch, command: .transaction), .node, "closed: the peer's tx has a wrong checksum"),
        (.refusedFrame(.wrongMagic, command: .version), .node, "closed: the peer's version is of another network"),
        (
            .refusedFrame(.malformedCommand, command: Command(low: 0xff, high: 0)), .node,
            "closed: the peer's message has a command that is not text"
        ),
        (.refusedFrame(.payloadTooLong, command: .block), .node, "closed: the peer's block is over the size limit"),
        (.refusedFrame(.undecodable, command: .block), .node, "closed: the peer's block could not be decoded"),
        (.idle, .node, "closed: the peer was silent for too long"),
        (.pongTimedOut, .node, "closed: the peer did not answer a ping in time"),
        (.remoteClosed, .remote, "the peer closed the connection"),
        (.remoteReset, .remote, "the peer reset the connection"),
        (.transportFailed(errno: 110), .network, "the connection failed (errno 110)"),
        (.connectFailed(errno: 111), .network, "could not connect (errno 111)"),
        (.connectTimedOut, .network, "could not connect in time"),
    ]

    @Test("each reason says who and why in a line", arguments: reasons.indices)
    func reason(index: Int) {
        let (reason, side, text) = Self.reasons[index]
        #expect(reason.description == text)
        #expect(reason.endedBy == side)
    }

    @Test("reject texts are ASCII and fit the 111 bytes that a reader takes")
    func rejectTexts() {
        var reasons: [RejectReason] = [
            .obsoleteVersion(minimum: ProtocolVersion(rawValue: .min)),
            .missingServices(Services(rawValue: .max)),
        ]
        reasons += ProtocolViolation.allCases.map { .violation($0) }
        reasons += FrameRefusal.allCases.map { .refusedFrame($0) }
        for reason in reasons {
            #expect((1...111).contains(reason.text.utf8.count))
            #expect(reason.text.utf8.allSatisfy { (0x20...0x7e).contains($0) })
        }
        #expect(Set(reasons.map(\.text)).count == reasons.count)
        #expect(RejectReason.violation(.beforeVersion).text == "a version message must precede all others")
        #expect(
            RejectReason.obsoleteVersion(minimum: .multipleAddresses).text
                == "protocol version must be 209 or greater")
        #expect(RejectReason.missingServices(.bitcoinCash).text == "required services are missing: 0x20")
        #expect(RejectReason.refusedFrame(.undecodable).text == "message could not be decoded")
    }

    // MARK: Configuration

    @Test("the defaults")
    func defaults() {
        let configuration = SessionConfiguration(nonceKey: SessionRig.key)
        #expect(configuration.protocolVersion == .current)
        #expect(configuration.minimumProtocolVersion == .multipleAddresses)
        #expect(configuration.services == [])
        #expect(configuration.requiredServices == [])
        #expect(configuration.handshakeTimeout == .seconds(30))
        #expect(configuration.idleTimeout == .seconds(300))
        #expect(configuration.pingInterval == .seconds(120))
        #expect(configuration.pongTimeout == .seconds(1200))
        #expect(!configuration.allowSelfConnections)
    }

    @Test("the extversion bit is not advertised while it is not negotiated")
    func extendedVersionBit() {
        let configuration = SessionConfiguration(
            nonceKey: SessionRig.key, services: [.network, .extendedVersion])
        #expect(configuration.services == .network)
    }

    @Test("extreme durations work")
    func extremes() {
        let longest = SessionConfiguration.longestDuration
        let patient = SessionConfiguration(
            nonceKey: SessionRig.key, handshakeTimeout: longest, idleTimeout: longest, pingInterval: longest,
            pongTimeout: longest)
        var rig = SessionRig(in: .established, .outbound, patient)
        #expect(rig.session.nextDeadline > rig.now)
        _ = rig.reachDeadline()
        #expect(rig.session.nextDeadline == SessionRig.start + longest)

        let hasty = SessionConfiguration(
            nonceKey: SessionRig.key, handshakeTimeout: .nanoseconds(1), idleTimeout: .nanoseconds(1),
            pingInterval: .nanoseconds(1), pongTimeout: .nanoseconds(1))
        rig = SessionRig(in: .established, .outbound, hasty)
        #expect(rig.session.nextDeadline == SessionRig.start + .nanoseconds(1))
    }

    @Test("a duration that is not positive is a mistake")
    func zero() async {
        await #expect(processExitsWith: .failure) {
            _ = SessionConfiguration(nonceKey: SessionRig.key, pingInterval: .zero)
        }
    }

    @Test("a duration over 100 years is a mistake")
    func endless() async {
        await #expect(processExitsWith: .failure) {
            _ = SessionConfiguration(
                nonceKey: SessionRig.key, idleTimeout: SessionConfiguration.longestDuration + .seconds(1))
        }
    }

    @Test("a minimum above the version offered is a mistake")
    func minimum() async {
        await #expect(processExitsWith: .failure) {
            _ = SessionConfiguration(
                nonceKey: SessionRig.key, protocolVersion: .multipleAddresses, minimumProtocolVersion: .current)
        }
    }
}
