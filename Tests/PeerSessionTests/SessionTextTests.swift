import PeerSession
import PeerWire
import Testing

@Suite("Reasons in words")
struct SessionTextTests {
    static let reasons: [(DisconnectReason, DisconnectReason.Side, String)] = [
        (.requested, .application, "closed on request"),
        (.shutDown, .node, "closed: the node is shutting down"),
        (.handshakeTimedOut, .node, "closed: the handshake did not finish in time"),
        (.obsoleteVersion(.multipleAddresses), .node, "closed: the peer's protocol version 209 is too old"),
        (.missingServices([.network, .bloom]), .node, "closed: the peer lacks a required service: NETWORK|BLOOM"),
        (.selfConnection, .node, "closed: the peer is this node itself"),
        (.versionRefused(.obsolete), .node, "closed: the peer's version was refused (\(RejectCode.obsolete))"),
        (.protocolViolation(.beforeVersion, command: .ping), .node, "closed: the peer's ping came before version"),
        (.protocolViolation(.beforeVerack, command: .block), .node, "closed: the peer's block came before verack"),
        (
            .protocolViolation(.duplicateVersion, command: .version), .node,
            "closed: the peer's version came a second time"
        ),
        (.protocolViolation(.duplicateVerack, command: .verack), .node, "closed: the peer's verack came a second time"),
        (
            .protocolViolation(.withoutBloomService, command: .mempool), .node,
            "closed: the peer's mempool needs the bloom service, which this node does not offer"
        ),
        (.refusedFrame(.checksumMismatch, command: .transaction), .node, "closed: the peer's tx has a wrong checksum"),
        (.refusedFrame(.wrongMagic, command: .version), .node, "closed: the peer's version is of another network"),
        (
            .refusedFrame(.malformedCommand, command: Command(low: 0xff, high: 0)), .node,
            "closed: the peer's message has a command that is not text"
        ),
        (.refusedFrame(.payloadTooLong, command: .block), .node, "closed: the peer's block is over the size limit"),
        (.refusedFrame(.malformed, command: .block), .node, "closed: the peer's block could not be decoded"),
        (.frameTimedOut(command: .block), .node, "closed: the peer's block did not complete in time"),
        (
            .frameTimedOut(command: Command(low: 0, high: 0)), .node,
            "closed: the peer's message did not complete in time"
        ),
        (.responseTimedOut(.headers), .node, "closed: the peer did not answer with headers in time"),
        (.responseTimedOut(.data), .node, "closed: the peer did not answer with the data asked for in time"),
        (.sendStalled, .node, "closed: the peer reads too slowly"),
        (.idle, .node, "closed: the peer was silent for too long"),
        (.pongTimedOut, .node, "closed: the peer did not answer a ping in time"),
        (.repliesUnread, .node, "closed: the peer asks on and on and does not read the answers"),
        (
            .overBudget(.receiving), .node,
            "closed: unfinished messages take too much memory, most of it this peer's"
        ),
        (
            .overBudget(.lanes), .node,
            "closed: messages not yet handled take too much memory, most of it this peer's"
        ),
        (
            .overBudget(.sending), .node,
            "closed: what waits for all peers takes too much memory, most of it this peer's"
        ),
        (.remoteClosed, .remote, "the peer closed the connection"),
        (.remoteReset, .remote, "the peer reset the connection"),
        (.transportFailed(errno: 110), .network, "the connection failed (errno 110)"),
        (.connectFailed(errno: 111), .network, "could not connect (errno 111)"),
        (.connectTimedOut, .network, "could not connect in time"),
        (.tooManyPeers, .node, "refused: the node has as many inbound peers as it allows"),
    ]

    @Test("each reason says who and why in a line", arguments: reasons.indices)
    func reason(index: Int) {
        let (reason, side, text) = Self.reasons[index]
        #expect(reason.description == text)
        #expect(reason.endedBy == side)
    }

    @Test("a peer that misbehaved is told by its offence", arguments: Offence.allCases)
    func misbehaved(offence: Offence) {
        let reason = DisconnectReason.misbehaved(offence)
        #expect(reason.endedBy == .node)
        #expect(reason.description == "closed: the peer misbehaved: \(offence)")
    }

    @Test("reject texts are ASCII and fit the 111 bytes that a reader takes")
    func rejectTexts() {
        var reasons: [RejectReason] = [
            .obsoleteVersion(minimum: ProtocolVersion(rawValue: .min)), .missingServices(Services(rawValue: .max)),
            .host,
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
        #expect(RejectReason.refusedFrame(.malformed).text == "message could not be decoded")
    }

    @Test("each error of the codec is a refusal that says it")
    func refusals() {
        let command = Command.block
        let frames: [(FrameError, FrameRefusal, Command)] = [
            (.wrongMagic(expected: 4, actual: 5), .wrongMagic, Command(low: 0, high: 0)),
            (.malformedCommand(command, length: 3), .malformedCommand, command),
            (.payloadTooLong(command, length: 9, limit: 3), .payloadTooLong, command),
            (.checksumMismatch(command, expected: 1, actual: 2), .checksumMismatch, command),
        ]
        for (error, refusal, claimed) in frames {
            #expect(FrameRefusal(error) == refusal)
            #expect(error.claimedCommand == claimed)
        }
    }

    @Test("each answer that is awaited has a name")
    func responses() {
        #expect(ResponseKind.allCases.map(\.description).allSatisfy { !$0.isEmpty })
        #expect(ResponseKind.blockTransactions.description == "blocktxn")
        #expect(ResponseKind.mempool.description == "inv")
    }
}
