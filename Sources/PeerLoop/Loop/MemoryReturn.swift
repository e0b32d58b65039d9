internal import CEpollShim

/// Notes what a burst leaves behind, so that it can be given back once the burst is over.
struct MemoryReturn {
    /// Bytes: less is not worth the work.
    static let leastByteCount = 1 << 20
    /// Bytes that a closed connection leaves behind, its handler included, more or less.
    private static let bytesPerConnection = 1024

    /// The most that waited to be written since memory was last given back.
    private var peak = 0
    /// The same since the burst was last looked at.
    private var recentPeak = 0
    private var closes = 0
    private var recentCloses = 0
    var isScheduled = false

    @inline(__always)
    mutating func note(_ outputByteCount: Int) {
        if outputByteCount > recentPeak { recentPeak = outputByteCount }
    }

    mutating func noteClose() { recentCloses += 1 }

    var isWorthwhile: Bool {
        max(peak, recentPeak) + (closes + recentCloses) * Self.bytesPerConnection >= Self.leastByteCount
    }

    /// True when the burst is over: what waits, and what ends, is a fraction of what it was.
    mutating func isOver(_ outputByteCount: Int) -> Bool {
        let isCalm = recentPeak <= max(peak, Self.leastByteCount) / 4 && recentCloses <= max(closes, 1024) / 4
        peak = max(peak, recentPeak)
        closes += recentCloses
        recentPeak = outputByteCount
        recentCloses = 0
        return isCalm
    }

    mutating func reset() {
        peak = 0
        closes = 0
    }
}

extension EventLoop {
    /// Has the loop look, in a while, at what a burst left behind.
    func scheduleMemoryReturn() {
        guard let delay = configuration.memoryReturnDelay else { return }
        memoryReturn.isScheduled = true
        leastPooledQueues = pooledQueues.count
        schedule(after: delay) { $0.returnMemory() }
    }

    private func returnMemory() {
        memoryReturn.isScheduled = false
        // Queues that lay unused all this time are not needed for the traffic there is.
        pooledQueues.removeFirst(min(leastPooledQueues, pooledQueues.count))
        guard memoryReturn.isOver(outputByteCount) else {
            scheduleMemoryReturn()
            return
        }
        memoryReturn.reset()
        // A copy would have the memory of the original.
        if closeList.isEmpty { closeList = [] }
        if dirtyList.isEmpty { dirtyList = [] }
        flushingList = []
        tally[.memoryReturns] &+= 1
        // The allocator takes milliseconds for hundreds of megabytes. When there is no thread, it keeps what it has.
        try? SystemThread.start(name: "peertrim") { cepoll_return_memory() }
    }
}
