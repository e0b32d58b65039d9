import PeerSession
import PeerWire
import Testing

/// Long payloads are hashed and decoded in the peer's lane; what becomes of them comes back in order.
@Suite("Frames that go through the lane")
struct LaneTests {
    @Test("messages and what follows them through the lane are handled in the order they come back")
    func order() {
        var rig = SessionRig(in: .established)
        for _ in 0..<3 { rig.take(.enteredLane) }
        rig.take(.leftLane)
        #expect(rig.take(.block(FactSamples.hash(1)), byteCount: 1 << 20) == [.deliver])
        rig.take(.leftLane)
        #expect(rig.take(.ping(nonce: 1, checksum: 2)) == [.sendPong(nonce: 1, checksum: 2), .deliver])
        rig.take(.leftLane)
        #expect(rig.take(FactSamples.facts(.inventory)) == [.remember, .deliver])
    }

    @Test("a refusal ends the peer, with a reject that names the command", arguments: FrameRefusal.allCases)
    func refusal(refusal: FrameRefusal) {
        var rig = SessionRig(in: .established)
        rig.take(.enteredLane)
        rig.take(.leftLane)
        let actions = rig.take(.refused(command: .block, refusal: refusal))
        #expect(actions.closeReason == .refusedFrame(refusal, command: .block))
        #expect(rig.session.isClosed)
        // Whoever does not speak on this network would not understand.
        let reject = SessionAction.sendReject(command: .block, code: .malformed, reason: .refusedFrame(refusal))
        #expect(actions.contains(reject) == (refusal != .wrongMagic))
    }

    @Test("nothing that comes out of the lane after a refusal is delivered, or done", arguments: FactSamples.all)
    func afterRefusal(message: MessageFacts) {
        var rig = SessionRig(in: .established)
        for _ in 0..<3 { rig.take(.enteredLane) }
        rig.take(.leftLane)
        rig.take(.refused(command: .block, refusal: .checksumMismatch))
        let before = rig.session.preferences
        for _ in 0..<2 {
            #expect(rig.take(.leftLane).isEmpty)
            #expect(rig.take(message).isEmpty)
        }
        #expect(rig.take(.refused(command: .block, refusal: .truncated)).isEmpty)
        #expect(rig.session.preferences == before)
        #expect(rig.decide(message) == .refuseClosed)
    }

    @Test("before the handshake a refusal is not answered", arguments: PeerSession.Direction.allCases)
    func handshake(direction: PeerSession.Direction) {
        for state in [PeerSession.State.awaitingVersion, .awaitingExtendedVersion, .awaitingVerack] {
            var rig = SessionRig(in: state, direction)
            #expect(
                rig.take(.refused(command: .version, refusal: .malformed))
                    == [.close(.refusedFrame(.malformed, command: .version), flushFirst: false)])
        }
    }

    @Test("a peer may leave while its frames are in the lane")
    func closedMeanwhile() {
        var rig = SessionRig(in: .established)
        rig.take(.enteredLane)
        #expect(rig.take(.transportClosed(.reset)) == [.close(.remoteReset, flushFirst: false)])
        #expect(rig.take(.leftLane).isEmpty)
        #expect(rig.take(.block(nil)).isEmpty)
    }
}
