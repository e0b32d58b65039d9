import PeerWire

extension PeerSession {
    /// Whether this peer's messages and bytes are counted by command, which takes about 1.3 KB. Counting starts at zero
    /// when switched on, and what was counted is gone when switched off.
    ///
    /// At first as ``SessionConfiguration/countsTrafficByPeer`` says.
    public var countsTraffic: Bool {
        get { counters.traffic != nil }
        set {
            if newValue == countsTraffic { return }
            counters.traffic = newValue ? TrafficBox() : nil
        }
    }

    /// Messages and bytes by command of this peer; `nil` when they are not counted.
    public var traffic: CommandTraffic? { counters.traffic?.traffic }

    /// What is known now. `now` must not be before the last event's time.
    public func statistics(at now: ContinuousClock.Instant) -> SessionStatistics {
        var statistics = SessionStatistics(takenAt: now, direction: direction, state: state)
        addVersion(to: &statistics)
        addPings(to: &statistics)
        addCounts(to: &statistics)
        addQueues(to: &statistics)
        let time = Timestamp(now)
        statistics.pausedTime = input.pausedTime(at: time)
        statistics.misbehaviourScore = score.value(at: time, group.configuration.misbehaviour)
        statistics.offenceCount = offenceCount
        statistics.lastAnnouncedBlock = preferences.lastAnnouncedBlock
        statistics.isSyncPeer = isSyncPeer
        return statistics
    }

    private func addVersion(to statistics: inout SessionStatistics) {
        guard let remote else { return }
        statistics.negotiatedVersion = negotiatedVersion
        statistics.remoteVersion = remote.protocolVersion
        statistics.services = remote.services
        statistics.timeOffsetSeconds = remote.timeOffset
        statistics.startHeight = remote.startHeight
        statistics.lastBlockHeight = preferences.lastBlockHeight
    }

    private func addPings(to statistics: inout SessionStatistics) {
        statistics.lastPingMicroseconds = pings.lastRoundTrip
        statistics.minimumPingMicroseconds = pings.minimumRoundTrip
        statistics.awaitedPingNonce = pings.isAwaitingPong ? pings.awaitedNonce : nil
        // Before the first ping the schedule has a made-up time.
        if pings.isAwaitingPong || pings.lastRoundTrip != nil {
            statistics.lastPingSentAt = pings.lastSent.instant
        }
    }

    private func addCounts(to statistics: inout SessionStatistics) {
        statistics.connectedAt = counters.hasConnected ? handshake.startedAt.instant : nil
        statistics.lastReceivedAt = counters.lastReceivedAt?.instant
        statistics.lastSentAt = counters.lastSentAt?.instant
        statistics.receivedByteCount = counters.receivedByteCount
        statistics.sentByteCount = counters.sentByteCount
        statistics.receivedMessageCount = counters.receivedMessageCount
        statistics.sentMessageCount = counters.sentMessageCount
        statistics.droppedMessageCount = counters.droppedMessageCount
        statistics.rateLimitedAddressCount = counters.rateLimitedAddressCount
        statistics.traffic = traffic
    }

    private func addQueues(to statistics: inout SessionStatistics) {
        statistics.pendingByteCount = sendQueue.pendingByteCount
        statistics.postponedRequestCount = postponed.count
        statistics.postponedByteCount = postponed.byteCount
        statistics.waitingInventoryCount = waitingInventoryCount
        statistics.droppedInventoryCount = droppedInventoryCount
    }
}
