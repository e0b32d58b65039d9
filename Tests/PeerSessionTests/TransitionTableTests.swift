import PeerSession
import PeerWire
import Testing

/// What a session does with one event in one state.
enum Outcome {
    case does([SessionAction])
    /// A mistake of the host.
    case traps

    static var nothing: Outcome { .does([]) }
    static var delivers: Outcome { .does([.deliver]) }

    static func closes(_ reason: DisconnectReason, flushFirst: Bool = false) -> Outcome {
        .does([.close(reason, flushFirst: flushFirst)])
    }

    static func rejects(_ named: Command, _ violation: ProtocolViolation, by command: Command) -> Outcome {
        let code: RejectCode =
            switch violation {
            case .beforeVersion, .beforeVerack: .malformed
            case .duplicateVersion, .duplicateVerack: .duplicate
            }
        return .does([
            .sendReject(command: named, code: code, reason: .violation(violation)),
            .close(.protocolViolation(violation, command: command), flushFirst: true),
        ])
    }

    static func rejects(_ refusal: FrameRefusal, by command: Command) -> Outcome {
        .does([
            .sendReject(command: command, code: .malformed, reason: .refusedFrame(refusal)),
            .close(.refusedFrame(refusal, command: command), flushFirst: true),
        ])
    }
}

/// One event and what comes of it in each state, of an outbound session at version 70016.
struct TransitionRow: CustomTestStringConvertible {
    let event: SessionEvent
    let connecting: Outcome
    let awaitingVersion: Outcome
    let awaitingVerack: Outcome
    let established: Outcome

    var testDescription: String { "\(event)" }

    func outcome(in state: PeerSession.State) -> Outcome {
        switch state {
        case .connecting: connecting
        case .awaitingVersion: awaitingVersion
        case .awaitingVerack: awaitingVerack
        case .established: established
        // Whatever comes after the close is ignored.
        case .closed: .nothing
        }
    }

    /// A frame: a mistake before the transport is up, and out of order before the version.
    static func frame(
        _ event: SessionEvent, _ command: Command, awaitingVerack: Outcome, established: Outcome
    ) -> Self {
        TransitionRow(
            event: event, connecting: .traps, awaitingVersion: .rejects(.version, .beforeVersion, by: command),
            awaitingVerack: awaitingVerack, established: established)
    }

    static func refused(_ refusal: FrameRefusal, established: Outcome) -> Self {
        let reason = DisconnectReason.refusedFrame(refusal, command: .block)
        return TransitionRow(
            event: .refused(command: .block, refusal: refusal), connecting: .traps, awaitingVersion: .closes(reason),
            awaitingVerack: .closes(reason), established: established)
    }

    static func ended(_ end: TransportEnd, _ reason: DisconnectReason) -> Self {
        TransitionRow(
            event: .transportClosed(end), connecting: .closes(reason), awaitingVersion: .closes(reason),
            awaitingVerack: .closes(reason), established: .closes(reason))
    }
}

private let unknown = Command(low: 0x6e77_6f6e_6b6e_75, high: 0)

private let special: [TransitionRow] = [
    TransitionRow(
        event: .connected, connecting: .does([.sendVersion]), awaitingVersion: .traps, awaitingVerack: .traps,
        established: .traps),
    TransitionRow(
        event: .version(.sample()), connecting: .traps, awaitingVersion: .does([.deliver, .sendVerack]),
        awaitingVerack: .rejects(.version, .duplicateVersion, by: .version),
        established: .rejects(.version, .duplicateVersion, by: .version)),
    .frame(
        .verack, .verack, awaitingVerack: .does([.deliver, .established(version: .current)]),
        established: .rejects(.verack, .duplicateVerack, by: .verack)),
    .frame(.extendedVersion, .extendedVersion, awaitingVerack: .delivers, established: .delivers),
    .frame(.sendAddressesV2, .sendAddressesV2, awaitingVerack: .delivers, established: .delivers),
    .frame(
        .ping(nonce: 9, checksum: 5), .ping, awaitingVerack: .rejects(.ping, .beforeVerack, by: .ping),
        established: .does([.sendPong(nonce: 9, checksum: 5), .deliver])),
    .frame(
        .ping(nonce: nil, checksum: 5), .ping, awaitingVerack: .rejects(.ping, .beforeVerack, by: .ping),
        established: .delivers),
    .frame(
        .pong(nonce: 9), .pong, awaitingVerack: .rejects(.pong, .beforeVerack, by: .pong), established: .delivers),
    .frame(
        .pong(nonce: nil), .pong, awaitingVerack: .rejects(.pong, .beforeVerack, by: .pong), established: .delivers),
    .frame(.message(kind: nil, command: unknown), unknown, awaitingVerack: .delivers, established: .delivers),
    TransitionRow(
        event: .message(kind: .reject, command: .reject), connecting: .traps, awaitingVersion: .delivers,
        awaitingVerack: .delivers, established: .delivers),
    TransitionRow(
        event: .deadlineReached, connecting: .nothing, awaitingVersion: .nothing, awaitingVerack: .nothing,
        established: .nothing),
    TransitionRow(
        event: .replyLimitReached, connecting: .traps, awaitingVersion: .closes(.repliesUnread),
        awaitingVerack: .closes(.repliesUnread), established: .closes(.repliesUnread)),
    TransitionRow(
        event: .disconnectRequested, connecting: .closes(.requested),
        awaitingVersion: .closes(.requested, flushFirst: true), awaitingVerack: .closes(.requested, flushFirst: true),
        established: .closes(.requested, flushFirst: true)),
]

/// Every kind that comes as `message` and has to wait for the handshake.
private let ordinary: [TransitionRow] = MessageKind.allCases
    .filter { ![.version, .verack, .ping, .pong, .reject].contains($0) }
    .map { kind in
        .frame(
            .message(kind: kind, command: kind.command), kind.command,
            awaitingVerack: .rejects(kind.command, .beforeVerack, by: kind.command), established: .delivers)
    }

private let refusals: [TransitionRow] = FrameRefusal.allCases.map { refusal in
    .refused(
        refusal,
        established: refusal == .wrongMagic
            ? .closes(.refusedFrame(refusal, command: .block)) : .rejects(refusal, by: .block))
}

private let ends: [TransitionRow] = [
    .ended(.endOfStream, .remoteClosed),
    .ended(.reset, .remoteReset),
    .ended(.failed(errno: 110), .transportFailed(errno: 110)),
    .ended(.connectFailed(errno: 111), .connectFailed(errno: 111)),
    .ended(.connectTimedOut, .connectTimedOut),
    .ended(.shutDown, .shutDown),
]

private let table = special + ordinary + refusals + ends

@Suite("Every event in every state")
struct TransitionTableTests {
    @Test("does what the table says", arguments: table, PeerSession.State.allCases)
    func transition(row: TransitionRow, state: PeerSession.State) {
        guard case .does(let expected) = row.outcome(in: state) else { return }
        var rig = SessionRig(in: state)
        let actions = rig.take(row.event)
        #expect(actions == expected)
        let closing = actions.count { if case .close = $0 { true } else { false } }
        #expect(closing <= 1)
        if closing == 1 {
            #expect(rig.session.isClosed)
            guard case .close = actions.last else {
                Issue.record("something follows the close")
                return
            }
            for later in table { #expect(rig.take(later.event).isEmpty, "after a close, \(later.event)") }
        }
    }

    /// Cells of the table in which the host has made a mistake, by their place in it.
    private static let mistakes: [[Int]] = table.indices.flatMap { row in
        PeerSession.State.allCases.indices.compactMap { state in
            if case .traps = table[row].outcome(in: PeerSession.State.allCases[state]) { [row, state] } else { nil }
        }
    }

    /// A process for each cell would take long; one event of each kind that is a mistake is enough.
    @Test("a host that breaks the order is stopped", arguments: mistakes.filter { $0[0] < special.count })
    func mistake(cell: [Int]) async {
        await #expect(processExitsWith: .failure) { [cell] in
            var rig = SessionRig(in: PeerSession.State.allCases[cell[1]])
            rig.take(table[cell[0]].event)
        }
    }

    @Test("a refused frame before connected is a mistake of the host")
    func refusedBeforeConnected() async {
        await #expect(processExitsWith: .failure) {
            var rig = SessionRig(in: .connecting)
            rig.take(.refused(command: .block, refusal: .undecodable))
        }
    }
}
