public import PeerWire

/// Why a connection ended, and who ended it. Every session that ends gives exactly one.
public enum DisconnectReason: Error, Sendable, Hashable, BitwiseCopyable {
    /// The application asked for it.
    case requested
    /// The node is shutting down.
    case shutDown
    /// The handshake did not finish within ``SessionConfiguration/handshakeTimeout``.
    case handshakeTimedOut
    /// The peer's protocol version, given here, is below ``SessionConfiguration/minimumProtocolVersion``.
    case obsoleteVersion(ProtocolVersion)
    /// The dialled peer lacks these of ``SessionConfiguration/requiredServices``.
    case missingServices(Services)
    /// The other end is this node.
    case selfConnection
    /// The host did not accept the peer's `version` and gave this code.
    case versionRefused(RejectCode)
    /// The peer sent a message where it must not; the command is that of the message.
    case protocolViolation(ProtocolViolation, command: Command)
    /// The peer sent a frame that the codec refused; the command is what the frame claimed.
    case refusedFrame(FrameRefusal, command: Command)
    /// The peer's offences were too many; this was the last.
    case misbehaved(Offence)
    /// A frame of this command did not complete in time; the command is empty when not even its header did.
    case frameTimedOut(command: Command)
    /// A request of this node was not answered in time.
    case responseTimedOut(ResponseKind)
    /// The peer read too slowly for too long while much waited for it.
    case sendStalled
    /// No complete valid frame came for ``SessionConfiguration/idleTimeout``.
    case idle
    /// No pong came within ``SessionConfiguration/pongTimeout``.
    case pongTimedOut
    /// The peer asked for more replies than may wait and did not read them.
    case repliesUnread
    /// All peers together held more memory of this use than the node allows, and this one held most.
    case overBudget(MemoryUse)
    /// The peer closed the connection in good order.
    case remoteClosed
    /// The peer reset the connection.
    case remoteReset
    /// The connection failed with this error number.
    case transportFailed(errno: Int32)
    /// The connection could not be made; the error number says why.
    case connectFailed(errno: Int32)
    /// The connection was not made in time.
    case connectTimedOut
    /// The node had as many inbound peers as it allows.
    case tooManyPeers

    /// Who ended a connection.
    public enum Side: Sendable, Hashable, CaseIterable, BitwiseCopyable {
        /// The application, which asked for it.
        case application
        /// This node, by its rules and limits.
        case node
        /// The peer.
        case remote
        /// Neither: the way between them failed.
        case network
    }

    /// Who ended the connection.
    public var endedBy: Side {
        switch self {
        case .requested: .application
        case .shutDown, .handshakeTimedOut, .obsoleteVersion, .missingServices, .selfConnection, .versionRefused,
            .protocolViolation, .refusedFrame, .misbehaved, .frameTimedOut, .responseTimedOut, .sendStalled, .idle,
            .pongTimedOut, .repliesUnread, .overBudget, .tooManyPeers:
            .node
        case .remoteClosed, .remoteReset: .remote
        case .transportFailed, .connectFailed, .connectTimedOut: .network
        }
    }

    init(_ end: TransportEnd) {
        switch end {
        case .endOfStream: self = .remoteClosed
        case .reset: self = .remoteReset
        case .failed(let errno): self = .transportFailed(errno: errno)
        case .connectFailed(let errno): self = .connectFailed(errno: errno)
        case .connectTimedOut: self = .connectTimedOut
        case .tooManyPeers: self = .tooManyPeers
        case .shutDown: self = .shutDown
        }
    }
}

extension DisconnectReason: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        switch self {
        case .requested: "closed on request"
        case .shutDown: "closed: the node is shutting down"
        case .handshakeTimedOut: "closed: the handshake did not finish in time"
        case .obsoleteVersion(let version): "closed: the peer's protocol version \(version) is too old"
        case .missingServices(let services): "closed: the peer lacks a required service: \(services)"
        case .selfConnection: "closed: the peer is this node itself"
        case .protocolViolation(let violation, let command):
            "closed: the peer's \(Self.name(of: command)) \(violation.text)"
        case .refusedFrame(let refusal, let command): "closed: the peer's \(Self.name(of: command)) \(refusal.text)"
        case .versionRefused(let code): "closed: the peer's version was refused (\(code))"
        case .misbehaved(let offence): "closed: the peer misbehaved: \(offence)"
        case .frameTimedOut(let command): "closed: the peer's \(Self.name(of: command)) did not complete in time"
        case .responseTimedOut(let kind): "closed: the peer did not answer with \(kind) in time"
        case .sendStalled: "closed: the peer reads too slowly"
        case .idle: "closed: the peer was silent for too long"
        case .pongTimedOut: "closed: the peer did not answer a ping in time"
        case .repliesUnread: "closed: the peer asks on and on and does not read the answers"
        case .overBudget(.receiving): "closed: unfinished messages take too much memory, most of it this peer's"
        case .overBudget(.lanes): "closed: messages not yet handled take too much memory, most of it this peer's"
        case .overBudget(.sending): "closed: what waits for all peers takes too much memory, most of it this peer's"
        case .remoteClosed: "the peer closed the connection"
        case .remoteReset: "the peer reset the connection"
        case .transportFailed(let errno): "the connection failed (errno \(errno))"
        case .connectFailed(let errno): "could not connect (errno \(errno))"
        case .connectTimedOut: "could not connect in time"
        case .tooManyPeers: "refused: the node has as many inbound peers as it allows"
        }
    }

    /// A command that is not text, or empty, would garble the line.
    private static func name(of command: Command) -> String {
        command.isWellFormed ? command.description : "message"
    }
}

/// A valid message at a time when the protocol does not allow it.
///
/// Source: `PROTOCOL` 5.6.
public enum ProtocolViolation: Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// Something other than `version` or `reject` came first.
    case beforeVersion
    /// A message that has to wait for the handshake came between `version` and `verack`.
    case beforeVerack
    /// A second `version`.
    case duplicateVersion
    /// A second `verack`.
    case duplicateVerack
    /// A second `xversion`.
    case duplicateXVersion
    /// `filterload`, `filteradd`, `filterclear` or `mempool` to a node without the bloom service, from a peer that has
    /// to know better (protocol version 70011 and above, BIP 111).
    case withoutBloomService

    /// What was wrong, in a few words that follow a command.
    var text: String {
        switch self {
        case .beforeVersion: "came before version"
        case .beforeVerack: "came before verack"
        case .duplicateVersion: "came a second time"
        case .duplicateVerack: "came a second time"
        case .duplicateXVersion: "came a second time"
        case .withoutBloomService: "needs the bloom service, which this node does not offer"
        }
    }
}
