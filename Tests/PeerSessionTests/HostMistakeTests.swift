import PeerWire
import Testing

@testable import PeerSession

/// A host that breaks the order written at `SessionEvent` is stopped; no peer can cause these.
@Suite("Mistakes of the host")
struct HostMistakeTests {
    /// One of each kind: cells of the transition table that trap.
    private static let events: [(PeerSession.State, SessionEvent)] = [
        (.established, .connected),
        (.connecting, .message(.verack, frameByteCount: 24)),
        (.awaitingNewestBlock, .message(.verack, frameByteCount: 24)),
        (.awaitingAcceptance, .message(.reject, frameByteCount: 24)),
        (.connecting, .refused(command: .block, refusal: .truncated)),
        (.awaitingAcceptance, .refused(command: .block, refusal: .truncated)),
        (.connecting, .framePartlyReceived(command: nil, payloadByteCount: 0)),
        (.awaitingVersion, .newestBlock(height: 1)),
        (.awaitingVersion, .versionAccepted),
        (.awaitingNewestBlock, .versionRefused(.dust)),
        (.established, .leftLane),
        (.established, .readingResumed),
    ]

    @Test("an event out of order", arguments: events.indices)
    func event(index: Int) async {
        await #expect(processExitsWith: .failure) { [index] in
            let (state, event) = Self.events[index]
            var rig = SessionRig(in: state)
            rig.take(event)
        }
    }

    @Test("reading paused twice")
    func pausedTwice() async {
        await #expect(processExitsWith: .failure) {
            var rig = SessionRig(in: .established)
            rig.take(.readingPaused)
            rig.take(.readingPaused)
        }
    }

    @Test("an event given back that was not released")
    func notReleased() async {
        await #expect(processExitsWith: .failure) {
            var rig = SessionRig(in: .established)
            rig.take(.sendQueue(pendingByteCount: 2 << 20, sentByteCount: 0))
            rig.take(.getAddresses)
            var list = ActionList()
            rig.session.handlePostponed(.message(.getAddresses, frameByteCount: 100), at: rig.now, into: &list)
        }
    }

    @Test("an event given back that is no message")
    func noMessage() async {
        await #expect(processExitsWith: .failure) {
            var rig = SessionRig(in: .established)
            var list = ActionList()
            rig.session.handlePostponed(.connected, at: rig.now, into: &list)
        }
    }

    @Test("a ping that was not decoded")
    func undecoded() async {
        await #expect(processExitsWith: .failure) {
            _ = MessageFacts(undecoded: .ping, command: .ping)
        }
    }

    @Test("an action list that is not emptied")
    func overflow() async {
        await #expect(processExitsWith: .failure) {
            var list = ActionList()
            for _ in 0...ActionList.capacity { list.append(.deliver) }
        }
    }

    @Test("an action that is not there")
    func index() async {
        await #expect(processExitsWith: .failure) {
            let list = ActionList()
            _ = list[0]
        }
    }

    @Test("a second ping while one is outstanding")
    func secondPing() async {
        await #expect(processExitsWith: .failure) {
            let start = Timestamp(SessionRig.start)
            var pings = PingSchedule(at: start)
            pings.sent(nonce: 5, at: start, inputTime: start)
            pings.sent(nonce: 6, at: start, inputTime: start)
        }
    }
}
