import PeerSession

extension Simulation {
    /// Ends all peers, waits until everything has come to its end, and checks that nothing is left.
    ///
    /// - Throws: the first invariant that does not hold.
    public func finish() throws(SimulationFailure) -> SimulationReport {
        expectsPeace = false
        trace { "everything is closed" }
        for node in nodes {
            for peer in node.peers {
                if random.chance(perMille: 500) {
                    peer.disconnect()
                } else {
                    peer.shutDown()
                }
            }
        }
        if let failure { throw failure }
        // Whatever is dialled or said by then comes to its end in this time, and nothing new begins.
        try run(for: .seconds(3_600))
        for node in nodes { for peer in node.peers { peer.shutDown() } }
        try run(for: .seconds(60))
        checkThatNothingIsLeft()
        if let failure { throw failure }
        return report
    }

    private func checkThatNothingIsLeft() {
        if ledger.openCount > 0 { fail(.oneOutcome, "\(ledger.openCount) queued messages have no outcome") }
        if livePeerCount > 0 { fail(.nothingLeft, "\(livePeerCount) peers are left") }
        for node in nodes {
            if !node.peers.isEmpty { fail(.nothingLeft, "\(node.name) has \(node.peers.count) peers left") }
            let total = node.group.traffic.total
            if total.sent.messages != UInt64(node.sentMessages) {
                fail(.countsAgree, "\(node.name) counts \(total.sent.messages) sent, its peers \(node.sentMessages)")
            }
            if total.received.messages != UInt64(node.receivedMessages) {
                fail(
                    .countsAgree,
                    "\(node.name) counts \(total.received.messages) received, its peers \(node.receivedMessages)")
            }
            if node.inventoryItemCount > 0 {
                fail(.nothingLeft, "\(node.inventoryItemCount) items are left in the table of \(node.name)")
            }
        }
        for endpoint in endpoints where endpoint is SimPeer { fail(.nothingLeft, "an end of a connection is left") }
        for connection in connections {
            guard let connection else { continue }
            fail(.nothingLeft, "connection \(connection.id) is left")
        }
    }

    /// What has happened so far.
    public var report: SimulationReport {
        let ended = reasons.sorted { $0.reason < $1.reason }.map { "\($0.reason) \($0.count)" }
        return SimulationReport(
            seed: seed, stepCount: step, duration: elapsed, nodeCount: nodes.count, connectionCount: connectionCount,
            handshakeCount: handshakeCount, sentMessageCount: sentMessageCount,
            deliveredMessageCount: deliveredMessageCount, postponedCount: postponedCount,
            announcedItemCount: announcedItemCount, outcomeCounts: ledger.counts, disconnects: ended,
            faults: faultCounts, notes: notes)
    }
}

extension SimPeer {
    /// The node takes the transport down.
    func shutDown() {
        give(.transportClosed(.shutDown), nil)
        finishTurn()
    }
}
