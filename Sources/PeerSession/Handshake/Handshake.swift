import PeerWire

/// The rules of the handshake: what is thought of the peer's `version`, and when patience ends.
///
/// The order of messages is in ``PeerSession/handle(_:at:into:)``. Source: `PROTOCOL` 5.
struct Handshake: Sendable, BitwiseCopyable {
    let direction: PeerSession.Direction
    let localNonce: UInt64
    /// When the transport came up; until then, when the session was made.
    var startedAt: Timestamp

    /// What is thought of a peer's `version`.
    enum Verdict: Hashable {
        /// Go on.
        case accepted
        /// The version is below the minimum.
        case obsolete
        /// The nonce is one of ours.
        case selfConnection
        /// The dialled peer lacks these services.
        case missingServices(Services)
    }

    func verdict(on remote: VersionFacts, by configuration: SessionConfiguration) -> Verdict {
        if isSelf(remote.nonce, configuration), !configuration.allowSelfConnections {
            return .selfConnection
        }
        // Compared as signed: a negative version is obsolete (`PROTOCOL` 5.6).
        if remote.protocolVersion < configuration.minimumProtocolVersion {
            return .obsolete
        }
        let missing = configuration.requiredServices.subtracting(remote.services)
        switch direction {
        case .outbound where !missing.isEmpty: return .missingServices(missing)
        // Whoever dials in uses our services; it need not have any.
        case .outbound, .inbound: return .accepted
        }
    }

    private func isSelf(_ nonce: UInt64, _ configuration: SessionConfiguration) -> Bool {
        // A missing nonce says nothing.
        nonce != 0 && (nonce == localNonce || configuration.nonceKey.isOwn(nonce))
    }
}
