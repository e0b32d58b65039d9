public import PeerWire

/// What happens to a session: a change of its transport, one frame received, time passed, or the application's wish.
///
/// Frames come as events in the order received, each once, and only after `connected`.
public enum SessionEvent: Sendable, Hashable, BitwiseCopyable {
    /// The transport is up: dialled or accepted. Comes once, before any frame.
    case connected
    /// A `version` message.
    case version(VersionFacts)
    /// A `verack` message.
    case verack
    /// An `extversion` message.
    case extendedVersion
    /// A `sendaddrv2` message.
    case sendAddressesV2
    /// A `ping` message: its nonce, `nil` when it has none (protocol version 60000 and below), and the checksum in its
    /// frame header. With a nonce the payload must have been just its eight bytes, as the pong reuses the checksum.
    case ping(nonce: UInt64?, checksum: UInt32)
    /// A `pong` message: its nonce, `nil` when it was too short to hold one.
    case pong(nonce: UInt64?)
    /// Any other whole, valid frame; the kind is `nil` for a command this library does not know.
    case message(kind: MessageKind?, command: Command)
    /// A frame or payload that was refused by the codec, with the command it claimed.
    case refused(command: Command, refusal: FrameRefusal)
    /// The time given by ``PeerSession/nextDeadline`` has come. Harmless when it comes early.
    case deadlineReached
    /// More replies wait to be sent than the host allows: the peer asks on and on and does not read.
    case replyLimitReached
    /// The application wants the connection closed.
    case disconnectRequested
    /// The transport ended, or was never up.
    case transportClosed(TransportEnd)
}

/// Why a frame was refused before it became a message.
public enum FrameRefusal: Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// The frame does not begin with the network's magic: a peer of another network, or the stream is out of step.
    case wrongMagic
    /// The command in the header is not text.
    case malformedCommand
    /// The declared length is over the limit for the command.
    case payloadTooLong
    /// The checksum does not match the payload.
    case checksumMismatch
    /// The payload could not be decoded.
    case undecodable

    /// What was wrong, in a few words that follow a command or "message".
    var text: String {
        switch self {
        case .wrongMagic: "is of another network"
        case .malformedCommand: "has a command that is not text"
        case .payloadTooLong: "is over the size limit"
        case .checksumMismatch: "has a wrong checksum"
        case .undecodable: "could not be decoded"
        }
    }
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
    /// The node took the transport down because it is shutting down.
    case shutDown
}

extension SessionEvent {
    /// The command of a whole, valid frame; `nil` for every other event.
    var validCommand: Command? {
        switch self {
        case .version: .version
        case .verack: .verack
        case .extendedVersion: .extendedVersion
        case .sendAddressesV2: .sendAddressesV2
        case .ping: .ping
        case .pong: .pong
        case .message(kind: _, let command): command
        case .connected, .refused, .deadlineReached, .replyLimitReached, .disconnectRequested,
            .transportClosed:
            nil
        }
    }
}
