import PeerSession
import PeerWire
import Testing

@Suite("Every event in every state")
struct TransitionTableTests {
    @Test("does what the table says", arguments: transitionTable, PeerSession.State.allCases)
    func transition(row: TransitionRow, state: PeerSession.State) {
        for direction in PeerSession.Direction.allCases {
            var rig = SessionRig(in: state, direction)
            let expected: [SessionAction]
            switch row.outcome(in: state, direction) {
            case .traps: continue
            case .does(let actions): expected = actions
            case .judges(let offence):
                let actions = rig.take(row.event)
                #expect(actions.isEmpty || actions.closeReason == .misbehaved(offence))
                #expect(actions.isEmpty == rig.discouraged.isEmpty)
                continue
            }
            let actions = rig.take(row.event)
            #expect(actions == expected, "\(direction)")
            checkEnd(&rig, after: actions)
        }
    }

    /// A close is the last action of a session.
    private func checkEnd(_ rig: inout SessionRig, after actions: [SessionAction]) {
        #expect((actions.closeReason != nil) == rig.session.isClosed || actions.isEmpty)
        guard actions.closeReason != nil else { return }
        #expect(actions.last?.closeReason != nil, "something follows the close")
        for later in transitionTable {
            #expect(rig.take(later.event).isEmpty, "after a close, \(later.event)")
        }
        #expect(rig.session.isClosed)
        #expect(rig.session.nextDeadline > rig.now + .seconds(99 * 365 * 86_400))
    }

    @Test("a state is left only by what leads on", arguments: PeerSession.Direction.allCases)
    func states(direction: PeerSession.Direction) {
        for state in PeerSession.State.allCases {
            for row in transitionTable {
                guard case .does(let actions) = row.outcome(in: state, direction) else { continue }
                var rig = SessionRig(in: state, direction)
                rig.take(row.event)
                #expect(rig.session.state == next(state, row.event, actions, direction), "\(state), \(row.event)")
            }
        }
    }

    private func next(
        _ state: PeerSession.State, _ event: SessionEvent, _ actions: [SessionAction],
        _ direction: PeerSession.Direction
    ) -> PeerSession.State {
        if actions.closeReason != nil { return .closed }
        switch (state, event) {
        case (.connecting, .connected): return .awaitingVersion
        case (.awaitingNewestBlock, .newestBlock): return direction == .outbound ? .awaitingVersion : .awaitingVerack
        case (.awaitingVersion, .message(.version, _)), (.awaitingAcceptance, .versionAccepted),
            (.awaitingExtendedVersion, .message(.extendedVersion, _)):
            return .awaitingVerack
        case (.awaitingExtendedVersion, .message(.verack, _)), (.awaitingVerack, .message(.verack, _)):
            return .established
        default: return state
        }
    }

    @Test("the table names every kind, every refusal and every end")
    func whole() {
        var kinds: Set<MessageKind> = []
        var refusals: Set<FrameRefusal> = []
        for row in transitionTable {
            if case .message(let message, _) = row.event, let kind = message.kind { kinds.insert(kind) }
            if case .refused(_, let refusal) = row.event { refusals.insert(refusal) }
            #expect(row.outbound.count == 8)
            #expect(row.inbound.count == 8)
        }
        #expect(kinds.count == MessageKind.allCases.count)
        #expect(refusals.count == FrameRefusal.allCases.count)
    }
}
