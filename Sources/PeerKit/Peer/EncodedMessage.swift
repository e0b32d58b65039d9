internal import PeerSession

/// A message encoded once, header and all, for any number of peers: those of its network, at every protocol version at
/// which it has the same bytes.
public struct EncodedMessage: Sendable {
    /// The bytes on the wire.
    public let bytes: [UInt8]
    /// The command of the message.
    public let command: Command
    /// The network it is for.
    public let network: Network
    /// The versions at which the message has these bytes.
    public let protocolVersions: ClosedRange<ProtocolVersion>
    let facts: MessageFacts

    /// Encodes `message`. Throws ``/PeerWire/EncodeError`` when it exceeds a limit or does not exist at that version.
    public init(
        _ message: Message, network: Network, protocolVersion: ProtocolVersion = .current,
        limits: WireLimits? = nil
    ) throws(EncodeError) {
        facts = MessageFacts(message)
        command = message.command
        self.network = network
        protocolVersions = message.versions(encodedAsAt: protocolVersion)
        bytes = try message.frame(
            magic: network.magic, protocolVersion: protocolVersion, limits: limits ?? WireLimits(network: network))
    }

    /// Why these bytes must not be sent to a peer of that network which speaks that version; `nil` when they may.
    func problem(magic: UInt32, version: ProtocolVersion) -> SendError? {
        if network.magic != magic { return .otherNetwork(network) }
        if !protocolVersions.contains(version) { return .otherVersion(version) }
        return nil
    }
}

extension Peer {
    /// Queues a message that was encoded before, sharing its bytes. Only after the handshake, and only bytes of the
    /// peer's network and version: others are refused with ``SendError/otherNetwork(_:)`` or
    /// ``SendError/otherVersion(_:)``.
    @discardableResult
    public func queue(_ message: EncodedMessage) -> QueueOutcome {
        enqueue(message, completion: nil)
    }

    /// As ``send(_:)-(Message)`` for a message that was encoded before.
    public func send(_ message: EncodedMessage) async throws(SendError) {
        try await sending { enqueue(message, completion: $0) }
    }

    func enqueue(_ message: EncodedMessage, completion: Completion?) -> QueueOutcome {
        switch currentState {
        case .handshaking: return .refused(.notConnectedYet)
        case .gone: return .refused(.disconnected)
        case .established:
            if let problem = message.problem(magic: core.magic, version: protocolVersion ?? .current) {
                return .refused(problem)
            }
            return enqueue(frame: message.bytes, message.facts, completion: completion)
        }
    }
}
