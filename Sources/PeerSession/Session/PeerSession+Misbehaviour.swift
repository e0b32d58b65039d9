import PeerWire

extension PeerSession {
    /// How many offences the peer has committed, those of no weight too.
    public var offenceCount: Int { Int(score.offenceCount) }

    /// Entries of `getdata` that weigh all of ``Offence/manyDataRequests``: those of the longest message.
    static var dataRequestEntries: Double { 50_000 }

    /// Weighs what a message of an established peer costs, and what comes too late in it. False when the session closed
    /// over it: the message goes nowhere then.
    ///
    /// A request is weighed when it comes, also when it is postponed: whoever asks much is not better for reading
    /// slowly. Source: `PROTOCOL` 6.4, 5.6.
    mutating func weigh(_ message: MessageFacts, at now: Timestamp, into actions: inout ActionList) -> Bool {
        switch message {
        case .getData(let items):
            let count = Double(items.blocks) + Double(items.transactions) + Double(items.proofs) + Double(items.others)
            return count == 0
                || tolerates(.manyDataRequests, share: count / Self.dataRequestEntries, at: now, into: &actions)
        case .getBlockTransactions: return tolerates(.manyBlockTransactionRequests, at: now, into: &actions)
        case .getCommittedFilterMempool:
            return tolerates(.manyCommittedFilterMempoolRequests, at: now, into: &actions)
        case .mempool:
            // Without the service it is refused or dropped, and costs nothing.
            return !group.configuration.services.contains(.bloom)
                || tolerates(.manyMempoolRequests, at: now, into: &actions)
        case .sendAddressesV2: return tolerates(.lateSendAddressesV2, at: now, into: &actions)
        case .extendedVersion: return tolerates(.lateExtendedVersion, at: now, into: &actions)
        default: return true
        }
    }

    private mutating func tolerates(
        _ offence: Offence, share: Double = 1, at now: Timestamp, into actions: inout ActionList
    ) -> Bool {
        guard score.add(offence, share: share, at: now, group.configuration.misbehaviour) else { return true }
        actions.append(.discourage(offence))
        close(.misbehaved(offence), flushFirst: true, into: &actions)
        return false
    }
}
