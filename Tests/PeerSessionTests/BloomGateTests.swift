import PeerSession
import PeerWire
import Testing

/// The four commands of bloom filters, from peers that have to know better and from older ones. Source: BIP 111.
@Suite("Bloom messages and the bloom service")
struct BloomGateTests {
    private static let messages: [MessageFacts] = [.filterLoad, .filterAdd, .filterClear, .mempool]

    @Test("without the service, from 70011 on: refused", arguments: messages, [70_011, 70_012, 70_016])
    func refused(message: MessageFacts, version: Int32) {
        for direction in PeerSession.Direction.allCases {
            var rig = SessionRig(in: .established, direction, remote: .sample(version))
            #expect(
                rig.take(message) == [
                    .sendReject(
                        command: message.command, code: .nonstandard, reason: .violation(.withoutBloomService)),
                    .close(.protocolViolation(.withoutBloomService, command: message.command), flushFirst: true),
                ])
        }
    }

    @Test("without the service, below 70011: not delivered", arguments: messages, [209, 70_001, 70_010])
    func dropped(message: MessageFacts, version: Int32) {
        var rig = SessionRig(in: .established, remote: .sample(version))
        #expect(rig.take(message).isEmpty)
        #expect(rig.session.isEstablished)
        // Nor later, when others wait for the peer to read.
        rig.take(.sendQueue(pendingByteCount: 2 << 20, sentByteCount: 0))
        #expect(rig.take(message).isEmpty)
    }

    @Test("with the service: delivered", arguments: messages, [70_001, 70_010, 70_011, 70_016])
    func served(message: MessageFacts, version: Int32) {
        let serving = SessionConfiguration.with { $0.services = [.network, .bloom] }
        var rig = SessionRig(in: .established, .inbound, serving, remote: .sample(version))
        #expect(rig.take(message) == [.deliver])
    }

    @Test("the version that counts is the negotiated one")
    func negotiated() {
        let old = SessionConfiguration.with { $0.protocolVersion = ProtocolVersion(rawValue: 70_010) }
        var rig = SessionRig(in: .established, .inbound, old)
        #expect(rig.take(.mempool).isEmpty)
    }

    @Test("the peer's own service says nothing of ours")
    func peerServes() {
        var rig = SessionRig(in: .established, remote: .sample(services: [.network, .bloom]))
        #expect(rig.take(.filterLoad).closeReason != nil)
    }
}
