import PeerSession
import PeerWire

/// What is at the other end of a connection and does not keep to the protocol.
public enum AdversaryKind: String, Sendable, Hashable, CaseIterable {
    case duplicateVersion
    case duplicateVerack
    case verackFirst
    case earlyPing
    case silentAfterConnect
    case silentAfterVersion
    case silentAfterVerack
    case silentMidHeader
    case silentMidPayload
    case trickle
    case lengthOverLimit
    case lengthNeverSent
    case unknownFlood
    case pongWithoutPing
    case inventoryStorm
    case addressFlood
    case getDataFlood
    case neverReads
    case checksumError
    case malformedPayload
    case otherMagic
    case bloomWithoutService
    case impossibleFee
    case resetsMidFrame
    case closesAtOnce
    case halfCloses
    case neverPongs
    case stopsReading
    case readsSlowly

    /// What must become of it.
    enum Expectation {
        /// The node closes it for one of these reasons.
        case closed((DisconnectReason) -> Bool)
        /// The node bears with it until it leaves.
        case tolerated
        /// The same, unless the node finds that it misbehaves.
        case toleratedOrJudged
    }

    var expectation: Expectation {
        switch self {
        case .duplicateVersion: .closed { $0 == .protocolViolation(.duplicateVersion, command: .version) }
        case .duplicateVerack: .closed { $0 == .protocolViolation(.duplicateVerack, command: .verack) }
        case .verackFirst: .closed { $0 == .protocolViolation(.beforeVersion, command: .verack) }
        case .earlyPing: .closed { $0 == .protocolViolation(.beforeVerack, command: .ping) }
        case .silentAfterConnect, .silentAfterVersion: .closed { $0 == .handshakeTimedOut }
        case .silentAfterVerack: .closed { $0 == .idle || Self.isUnanswered($0) }
        case .silentMidHeader, .silentMidPayload, .trickle, .lengthNeverSent:
            .closed { reason in
                if case .frameTimedOut = reason { true } else { Self.isUnanswered(reason) }
            }
        case .lengthOverLimit: .closed { $0 == .refusedFrame(.payloadTooLong, command: .ping) }
        case .checksumError: .closed { $0 == .refusedFrame(.checksumMismatch, command: .inventory) }
        case .malformedPayload:
            .closed { reason in
                if case .refusedFrame(_, command: .inventory) = reason { true } else { false }
            }
        case .otherMagic: .closed { reason in if case .refusedFrame(.wrongMagic, _) = reason { true } else { false } }
        case .bloomWithoutService:
            .closed { $0 == .protocolViolation(.withoutBloomService, command: .filterLoad) }
        case .neverPongs: .closed { $0 == .pongTimedOut }
        case .halfCloses: .closed { $0 == .remoteClosed }
        case .neverReads, .stopsReading, .readsSlowly:
            .closed { reason in
                switch reason {
                case .repliesUnread, .sendStalled, .idle, .pongTimedOut: true
                default: Self.isUnanswered(reason)
                }
            }
        case .unknownFlood, .pongWithoutPing, .getDataFlood: .tolerated
        case .inventoryStorm, .addressFlood, .impossibleFee: .toleratedOrJudged
        case .resetsMidFrame: .closed { $0 == .remoteReset }
        case .closesAtOnce: .closed { $0 == .remoteClosed || $0 == .remoteReset }
        }
    }

    private static func isUnanswered(_ reason: DisconnectReason) -> Bool {
        switch reason {
        case .responseTimedOut, .pongTimedOut: true
        default: false
        }
    }

    /// The command of which a `reject` must have come before the end; `nil` where none is due.
    var rejectedCommand: Command? {
        switch self {
        case .duplicateVersion: .version
        case .duplicateVerack, .verackFirst: .verack
        case .earlyPing, .lengthOverLimit: .ping
        case .checksumError: .inventory
        case .bloomWithoutService: .filterLoad
        default: nil
        }
    }

    /// True for those that do nothing after their attack, so that the way to them is theirs to be silent on.
    var answersAfterwards: Bool {
        switch expectation {
        case .tolerated, .toleratedOrJudged: true
        case .closed: self == .neverPongs
        }
    }
}
