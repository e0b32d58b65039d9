internal import PeerSession
internal import PeerWire

extension PeerConfiguration {
    /// What the node says by itself must pass its own limits: nobody is there to hear that it does not.
    func validateOwnMessages() throws(NodeError) {
        let version = VersionMessage(
            protocolVersion: protocolVersion, services: services, timestamp: 0, nonce: 0, userAgent: userAgent)
        let reason = String(repeating: "x", count: VersionRejection.maxReasonByteCount)
        let items = Array(repeating: InventoryVector.transaction(.zero), count: inventory.maxItemsPerMessage)
        let own: [Message] = [
            .version(version), .extendedVersion(extendedVersion), .inventory(items),
            .reject(.getCommittedFilterCheckpoints, .invalid, reason: reason, hash: .zero),
        ]
        for message in own {
            do throws(EncodeError) {
                _ = try message.payload(limits: wireLimits)
            } catch {
                throw .invalidConfiguration("wireLimits do not let this node send its '\(message.command)': \(error)")
            }
        }
    }
}
