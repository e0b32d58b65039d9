public import PeerWire

/// What happens to a session: a change of its transport, a frame received, time passed, an answer of the host, or the
/// application's wish.
///
/// Frames come as events in the order received, each once, only after `connected`, and never while an answer of the
/// host is awaited (``PeerSession/isAwaitingHost``): what was read by then waits for the answer.
public enum SessionEvent: Sendable, Hashable, BitwiseCopyable {
    /// The transport is up: dialled or accepted. Comes once, before any frame.
    case connected

    // MARK: Input

    /// A whole, valid message: what it says, and the bytes of its frame, header included.
    case message(MessageFacts, frameByteCount: Int)
    /// A frame or payload that was refused by the codec, with the command it claimed.
    case refused(command: Command, refusal: FrameRefusal)
    /// A read ended inside a frame: with its command and declared payload length once its header is whole. May come
    /// again for the same frame; it is over with the next whole or refused one.
    case framePartlyReceived(command: Command?, payloadByteCount: Int)
    /// A frame was handed to the peer's lane, to be hashed and decoded there. From here until `leftLane` the clock that
    /// judges the peer's silence stands still: what it sent waits for this node.
    case enteredLane
    /// The lane gave one frame back. What became of it follows as `message` or `refused`.
    case leftLane
    /// Reading was paused because the listeners have not caught up. The clock that judges the peer's silence stands
    /// still until `readingResumed`.
    case readingPaused
    /// Reading goes on.
    case readingResumed

    // MARK: Output

    /// What waits to be sent now, and all that was taken by the kernel so far, in bytes. Comes when the kernel took
    /// some, when what waits rises over the high mark, and over it before a request is decided on and before
    /// `deadlineReached`.
    case sendQueue(pendingByteCount: Int, sentByteCount: UInt64)

    // MARK: Host and application

    /// The answer to ``SessionAction/askNewestBlock``.
    case newestBlock(height: Int32)
    /// The good answer to ``SessionAction/askVersionAcceptance``.
    case versionAccepted
    /// The other answer: the peer gets a `reject` with this code and the host's text, and the session closes.
    case versionRefused(RejectCode)
    /// The host found the peer at fault, as in what a message says.
    case misbehaved(Offence)
    /// The application wants the connection closed.
    case disconnectRequested
    /// All peers together hold more memory than the node allows, and this one holds most.
    case overBudget(MemoryUse)

    // MARK: Time and end

    /// The time given by ``PeerSession/nextDeadline`` has come. Harmless when it comes early.
    case deadlineReached
    /// The transport ended, or was never up.
    case transportClosed(TransportEnd)
}

/// What the peers of a node take memory for, each with a budget for all of them together.
public enum MemoryUse: Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// Frames that are not whole yet.
    case receiving
    /// Messages that wait for listeners or to be decoded.
    case lanes
    /// What waits to be sent.
    case sending
}

/// How a transport ended, as the host saw it. Error numbers are the system's `errno`.
public enum TransportEnd: Sendable, Hashable, BitwiseCopyable {
    /// The peer closed its side in good order.
    case endOfStream
    /// The peer reset the connection.
    case reset
    /// Reading or writing failed.
    case failed(errno: Int32)
    /// The connection could not be made.
    case connectFailed(errno: Int32)
    /// The connection was not made in the time the host gives it.
    case connectTimedOut
    /// No connection was wanted: the node has as many peers as it allows.
    case tooManyPeers
    /// The node took the transport down because it is shutting down.
    case shutDown
}
