import PeerSession
import PeerWire
import Testing

/// What a session does with one event in one state.
enum Outcome {
    case does([SessionAction])
    /// A mistake of the host.
    case traps
    /// Depends on what offences weigh, which has tests of its own.
    case judges(Offence)

    static var nothing: Outcome { .does([]) }
    static var delivers: Outcome { .does([.deliver]) }

    static func closes(_ reason: DisconnectReason, flushFirst: Bool = false) -> Outcome {
        .does([.close(reason, flushFirst: flushFirst)])
    }

    /// Refused with a reject that names the refused command.
    static func rejects(_ violation: ProtocolViolation, _ command: Command) -> Outcome {
        let code: RejectCode =
            switch violation {
            case .beforeVersion, .beforeVerack: .malformed
            case .duplicateVersion, .duplicateVerack, .duplicateXVersion: .duplicate
            case .withoutBloomService: .nonstandard
            }
        return .does([
            .sendReject(command: command, code: code, reason: .violation(violation)),
            .close(.protocolViolation(violation, command: command), flushFirst: true),
        ])
    }
}

/// One event and what comes of it in each state, of a session at version 70016 without services.
struct TransitionRow: CustomTestStringConvertible {
    let event: SessionEvent
    /// In the order of `PeerSession.State.allCases`: connecting, awaitingNewestBlock, awaitingVersion,
    /// awaitingAcceptance, awaitingExtendedVersion, awaitingVerack, established, closed.
    let outbound: [Outcome]
    let inbound: [Outcome]

    init(_ event: SessionEvent, _ outcomes: [Outcome], inbound: [Outcome]? = nil) {
        self.event = event
        outbound = outcomes
        self.inbound = inbound ?? outcomes
    }

    /// The same in all states but the last, in which nothing is done any more.
    init(_ event: SessionEvent, everywhere outcome: Outcome) {
        self.init(event, [Outcome](repeating: outcome, count: 7) + [.nothing])
    }

    var testDescription: String { "\(event)" }

    func outcome(in state: PeerSession.State, _ direction: PeerSession.Direction) -> Outcome {
        let outcomes = direction == .outbound ? outbound : inbound
        let index = PeerSession.State.allCases.firstIndex(of: state) ?? 0
        return outcomes[index]
    }
}

/// The goodbye of the negotiation.
private let verack: [SessionAction] = [.sendAddressesV2, .sendVerack]
private let established = SessionAction.established(version: .current)

/// A message: a mistake of the host before the transport is up and while its answer is awaited.
private func row(
    _ message: MessageFacts, version: Outcome? = nil, extended: Outcome? = nil, verack: Outcome? = nil,
    established: Outcome = .delivers
) -> TransitionRow {
    let command = message.command
    return TransitionRow(
        .message(message, frameByteCount: 100),
        [
            .traps, .traps, version ?? .rejects(.beforeVersion, command), .traps,
            extended ?? .rejects(.beforeVerack, command), verack ?? .rejects(.beforeVerack, command), established,
            .nothing,
        ])
}

/// The messages of the handshake and those that an established session does more about than to deliver them.
private func row(_ kind: MessageKind) -> TransitionRow {
    let message = FactSamples.facts(kind)
    switch kind {
    case .version:
        return versionRow
    case .verack:
        return row(
            message, extended: .does(verack + [.deliver, established]), verack: .does([.deliver, established]),
            established: .rejects(.duplicateVerack, .verack))
    case .extendedVersion:
        return row(message, extended: .does([.deliver] + verack), verack: .delivers)
    case .sendAddressesV2:
        return row(message, extended: .delivers, verack: .delivers)
    case .reject:
        return row(message, version: .delivers, extended: .delivers, verack: .delivers)
    case .ping:
        return row(message, established: .does([.sendPong(nonce: 9, checksum: 5), .deliver]))
    case .addresses, .addressesV2:
        return row(message, established: .does([.deliverAddresses(withinRate: 1)]))
    case .inventory:
        return row(message, established: .does([.remember, .deliver]))
    case .xVersion:
        return row(message, established: .does([.sendXVerack, .deliver]))
    case .mempool, .filterLoad, .filterAdd, .filterClear:
        return row(message, established: .rejects(.withoutBloomService, kind.command))
    case .pong, .getAddresses, .getData, .notFound, .getHeaders, .getBlocks, .headers, .transaction, .block,
        .merkleBlock, .compactBlock, .getBlockTransactions, .blockTransactions, .doubleSpendProof, .sendHeaders,
        .sendCompact, .feeFilter, .xVerack, .getCommittedFilters, .committedFilter, .getCommittedFilterHeaders,
        .committedFilterHeaders, .getCommittedFilterCheckpoints, .committedFilterCheckpoints,
        .getCommittedFilterMempool:
        return row(message)
    }
}

private let versionRow: TransitionRow = {
    func outcomes(_ actions: [SessionAction]) -> [Outcome] {
        [
            .traps, .traps, .does([.deliver] + actions), .traps, .rejects(.duplicateVersion, .version),
            .rejects(.duplicateVersion, .version), .rejects(.duplicateVersion, .version), .nothing,
        ]
    }
    return TransitionRow(
        .message(.version(.sample()), frameByteCount: 100), outcomes(verack),
        inbound: outcomes([.sendVersion(startHeight: nil)] + verack))
}()

private let withoutKind: [TransitionRow] = [.custom(FactSamples.custom), .unknown(FactSamples.unknown)]
    .map { row($0, extended: .delivers, verack: .delivers) }

/// Other forms of messages that make a difference.
private let variants: [TransitionRow] = [
    row(.ping(nonce: nil, checksum: 5)),
    row(.pong(nonce: nil)),
    row(.transaction(nil)),
    row(.sendCompact(SendCompactMessage(highBandwidth: false, version: 2))),
]

private let frames: [TransitionRow] =
    [
        TransitionRow(
            .framePartlyReceived(command: nil, payloadByteCount: 0),
            [.traps, .traps, .nothing, .traps, .nothing, .nothing, .nothing, .nothing])
    ]
    + FrameRefusal.allCases.map { refusal in
        let reason = DisconnectReason.refusedFrame(refusal, command: .block)
        let reject = SessionAction.sendReject(command: .block, code: .malformed, reason: .refusedFrame(refusal))
        let established: Outcome =
            refusal == .wrongMagic ? .closes(reason) : .does([reject, .close(reason, flushFirst: true)])
        return TransitionRow(
            .refused(command: .block, refusal: refusal),
            [.traps, .traps, .closes(reason), .traps, .closes(reason), .closes(reason), established, .nothing])
    }

private let transport: [TransitionRow] = [
    TransitionRow(
        .connected,
        [.does([.sendVersion(startHeight: nil)]), .traps, .traps, .traps, .traps, .traps, .traps, .nothing],
        inbound: [.nothing, .traps, .traps, .traps, .traps, .traps, .traps, .nothing]),
    TransitionRow(.enteredLane, everywhere: .nothing),
    TransitionRow(.leftLane, everywhere: .traps),
    TransitionRow(.readingPaused, everywhere: .nothing),
    TransitionRow(.readingResumed, everywhere: .traps),
    TransitionRow(.sendQueue(pendingByteCount: 0, sentByteCount: 0), everywhere: .nothing),
    TransitionRow(.sendQueue(pendingByteCount: 2 << 20, sentByteCount: 1), everywhere: .nothing),
    TransitionRow(.transportClosed(.endOfStream), everywhere: .closes(.remoteClosed)),
    TransitionRow(.transportClosed(.reset), everywhere: .closes(.remoteReset)),
    TransitionRow(.transportClosed(.failed(errno: 110)), everywhere: .closes(.transportFailed(errno: 110))),
    TransitionRow(.transportClosed(.connectFailed(errno: 111)), everywhere: .closes(.connectFailed(errno: 111))),
    TransitionRow(.transportClosed(.connectTimedOut), everywhere: .closes(.connectTimedOut)),
    TransitionRow(.transportClosed(.tooManyPeers), everywhere: .closes(.tooManyPeers)),
    TransitionRow(.transportClosed(.shutDown), everywhere: .closes(.shutDown)),
]

private let host: [TransitionRow] = [
    TransitionRow(
        .newestBlock(height: 7),
        [.traps, .does([.sendVersion(startHeight: 7)]), .traps, .traps, .traps, .traps, .traps, .nothing],
        inbound: [
            .traps, .does([.sendVersion(startHeight: 7)] + verack), .traps, .traps, .traps, .traps, .traps, .nothing,
        ]),
    TransitionRow(
        .versionAccepted, [.traps, .traps, .traps, .does(verack), .traps, .traps, .traps, .nothing],
        inbound: [
            .traps, .traps, .traps, .does([.sendVersion(startHeight: nil)] + verack), .traps, .traps, .traps, .nothing,
        ]),
    TransitionRow(
        .versionRefused(.dust),
        [
            .traps, .traps, .traps,
            .does([
                .sendReject(command: .version, code: .dust, reason: .host),
                .close(.versionRefused(.dust), flushFirst: true),
            ]), .traps, .traps, .traps, .nothing,
        ]),
    TransitionRow(.misbehaved(.wrongMagic), everywhere: .judges(.wrongMagic)),
    TransitionRow(
        .disconnectRequested,
        [.closes(.requested)] + [Outcome](repeating: .closes(.requested, flushFirst: true), count: 6) + [.nothing]),
    TransitionRow(.overBudget(.receiving), everywhere: .closes(.overBudget(.receiving))),
    TransitionRow(.overBudget(.lanes), everywhere: .closes(.overBudget(.lanes))),
    TransitionRow(.overBudget(.sending), everywhere: .closes(.overBudget(.sending))),
    // Nothing is due yet.
    TransitionRow(.deadlineReached, everywhere: .nothing),
]

/// Every event, every message among them.
let transitionTable: [TransitionRow] =
    MessageKind.allCases.map(row) + withoutKind + variants + frames + transport + host
