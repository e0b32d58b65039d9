public import PeerWire

/// What a session asks the application, in the peer's lane.
enum HostQuestion: Sendable {
    case newestBlock
    case versionAcceptance
}

enum HostAnswer: Sendable {
    case newestBlock(Int32)
    case version(VersionRejection?)
}

/// Why a peer's `version` is not accepted: what ``MessageListeners/onVersion`` answers.
public struct VersionRejection: Sendable, Hashable {
    /// The code of the `reject`.
    public var code: RejectCode
    /// The text of the `reject`, cut to ``maxReasonByteCount``.
    public let reason: String

    /// The longest text that readers of `reject` take, in bytes.
    public static let maxReasonByteCount = 111

    /// A rejection with this code and text; characters of the text beyond ``maxReasonByteCount`` are left out.
    public init(_ code: RejectCode, _ reason: String) {
        self.code = code
        var text = ""
        for character in reason {
            if text.utf8.count + character.utf8.count > Self.maxReasonByteCount { break }
            text.append(character)
        }
        self.reason = text
    }
}

extension MessageListeners {
    /// Asks the application and has the loop told.
    func answer(_ question: HostQuestion, of peer: Peer) {
        let answer: HostAnswer =
            switch question {
            case .newestBlock:
                .newestBlock(peer.core.configuration.newestBlock?() ?? peer.core.configuration.chainHeight)
            case .versionAcceptance: .version(peer.version.flatMap { onVersion?(peer, $0) })
            }
        // Nobody waits for it when the loop has stopped.
        peer.core.mailbox.post(.answer(peer, answer))
    }
}
