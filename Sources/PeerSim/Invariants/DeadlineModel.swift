import PeerSession
import PeerWire

/// When a peer must have been closed at the latest, and may be closed at the earliest, kept apart from the session and
/// written from the table of limits, not from the session's code.
///
/// All that the peer is to do is timed with a clock that runs only while this node listens to it.
struct DeadlineModel {
    private let limits: Limits
    private let connectedAt: VirtualTime
    private var isEstablished = false
    // The clock that runs while this node listens.
    private var isPaused = false
    private var framesInLane = 0
    private var stoppedAt: Int64?
    private var stoppedFor: Int64 = 0
    // What is timed by it, in its own nanoseconds.
    private var lastFrame: Int64
    private var frameStart: Int64?
    private var frameAllowance: Int64 = 0
    private var pingSent: Int64?
    private var headersAsked: Int64?
    /// Headers asked for behind data are not late while that comes.
    private var headersExcusedUntil: Int64 = .min
    private var dataAsked: Int64?
    private var blocksAsked = 0
    private var transactionsAsked = 0
    // Of what is sent, in real nanoseconds.
    private var crowdedSince: VirtualTime?
    private var sentBefore: UInt64 = 0
    private var pendingByteCount = 0
    private var crowdedFirst: VirtualTime?

    /// The limits in nanoseconds, as dividing durations takes longer than all the rest.
    private struct Limits {
        let handshake: Int64
        let idle: Int64
        let frame: Int64
        let pong: Int64
        let progress: Int64
        let headers: Int64?
        let data: Int64?
        let slowestByteRate: Int
        let highMark: Int

        init(_ configuration: SessionConfiguration) {
            handshake = configuration.handshakeTimeout.wholeNanoseconds
            idle = configuration.idleTimeout.wholeNanoseconds
            frame = configuration.frameTimeout.wholeNanoseconds
            pong = configuration.pongTimeout.wholeNanoseconds
            progress = configuration.sendProgressTimeout.wholeNanoseconds
            headers = configuration.responseTimeouts.headers?.wholeNanoseconds
            data = configuration.responseTimeouts.data?.wholeNanoseconds
            slowestByteRate = configuration.slowestByteRate
            highMark = configuration.sendQueueHighMark
        }
    }

    init(_ configuration: SessionConfiguration, connectedAt: VirtualTime) {
        limits = Limits(configuration)
        self.connectedAt = connectedAt
        lastFrame = connectedAt.nanoseconds
    }

    // MARK: What happens

    private func clock(_ now: VirtualTime) -> Int64 { (stoppedAt ?? now.nanoseconds) - stoppedFor }

    private mutating func settleClock(_ now: VirtualTime) {
        let stops = isPaused || framesInLane > 0
        if stops, stoppedAt == nil { stoppedAt = now.nanoseconds }
        if !stops, let stopped = stoppedAt {
            stoppedFor += now.nanoseconds - stopped
            stoppedAt = nil
        }
    }

    mutating func paused(_ paused: Bool, at now: VirtualTime) {
        isPaused = paused
        settleClock(now)
    }

    mutating func lane(_ change: Int, at now: VirtualTime) {
        framesInLane += change
        settleClock(now)
    }

    mutating func established() { isEstablished = true }

    mutating func partOfFrame(length: Int, at now: VirtualTime) {
        if frameStart == nil { frameStart = clock(now) }
        frameAllowance = Int64(length) * 1_000_000_000 / Int64(limits.slowestByteRate)
    }

    /// A whole frame, and how many entries of the last `getdata` it answers.
    mutating func frame(_ facts: MessageFacts, at now: VirtualTime) {
        let time = clock(now)
        frameStart = nil
        lastFrame = time
        switch facts {
        case .headers: headersAsked = nil
        case .block, .merkleBlock, .compactBlock: answered(blocks: 1, at: time)
        case .transaction: answered(transactions: 1, at: time)
        case .notFound(let items): answered(Int(items.blocks), Int(items.transactions), at: time)
        default: break
        }
    }

    mutating func refusedFrame() { frameStart = nil }

    private mutating func answered(
        blocks: Int = 0, transactions: Int = 0, at time: Int64
    ) { answered(blocks, transactions, at: time) }

    private mutating func answered(_ blocks: Int, _ transactions: Int, at time: Int64) {
        let before = blocksAsked + transactionsAsked
        blocksAsked = max(0, blocksAsked - blocks)
        transactionsAsked = max(0, transactionsAsked - transactions)
        let left = blocksAsked + transactionsAsked
        if left == 0 { dataAsked = nil } else if left < before { dataAsked = time }
        if left < before, headersAsked != nil, let patience = limits.data {
            headersExcusedUntil = max(headersExcusedUntil, time + patience)
        }
    }

    /// How long what is sent now waits behind the rest, when much waits and the peer reads as slowly as it may.
    private var delay: Int64 {
        crowdedSince == nil ? 0 : Int64(pendingByteCount) * 1_000_000_000 / Int64(limits.slowestByteRate)
    }

    mutating func asked(_ facts: MessageFacts, at now: VirtualTime) {
        let time = clock(now) + delay
        switch facts {
        case .getHeaders:
            headersAsked = time
            headersExcusedUntil = .min
        case .getData(let items):
            blocksAsked += Int(items.blocks)
            transactionsAsked += Int(items.transactions)
            if blocksAsked + transactionsAsked > 0 { dataAsked = time }
        default: break
        }
    }

    mutating func pinged(at now: VirtualTime) { pingSent = clock(now) + delay }
    mutating func ponged() { pingSent = nil }

    mutating func queue(pending: Int, sent: UInt64, at now: VirtualTime) {
        pendingByteCount = pending
        let mark = limits.highMark
        guard crowdedSince != nil ? pending > mark / 2 : pending > mark else {
            crowdedSince = nil
            crowdedFirst = nil
            return
        }
        let enough = UInt64(limits.progress / 1_000_000_000) * UInt64(limits.slowestByteRate)
        if crowdedSince == nil || sent - sentBefore >= enough {
            if crowdedFirst == nil { crowdedFirst = now }
            crowdedSince = now
            sentBefore = sent
        }
    }

    // MARK: What follows

    /// For how long this node has listened to the peer.
    func listened(at now: VirtualTime) -> Duration { .nanoseconds(clock(now) - connectedAt.nanoseconds) }

    /// By when the peer must be closed if nothing more happens; `nil` while this node does not listen.
    var latestEnd: VirtualTime? {
        guard isEstablished else { return VirtualTime(nanoseconds: connectedAt.nanoseconds + limits.handshake) }
        var latest: VirtualTime?
        // Some full span of the session's watch lies within two of them.
        if let crowdedSince { latest = VirtualTime(nanoseconds: crowdedSince.nanoseconds + limits.progress * 2) }
        guard stoppedAt == nil else { return latest }
        let frameEnd = frameStart.map { $0 + limits.frame + frameAllowance }
        var clockEnd = frameEnd ?? lastFrame + limits.idle
        if let pingSent { clockEnd = min(clockEnd, pingSent + limits.pong) }
        if let headersAsked, let timeout = limits.headers {
            clockEnd = min(clockEnd, max(headersAsked + timeout, headersExcusedUntil, frameEnd ?? 0))
        }
        if let dataAsked, let timeout = limits.data {
            clockEnd = min(clockEnd, max(dataAsked + timeout, frameEnd ?? 0))
        }
        let end = VirtualTime(nanoseconds: clockEnd + stoppedFor)
        return latest.map { min($0, end) } ?? end
    }

    /// True when a session may close for this reason now. Only reasons that are deadlines are judged.
    func allows(_ reason: DisconnectReason, at now: VirtualTime) -> Bool {
        let time = clock(now)
        switch reason {
        case .handshakeTimedOut: return !isEstablished && now.nanoseconds >= connectedAt.nanoseconds + limits.handshake
        case .idle: return frameStart == nil && time >= lastFrame + limits.idle
        case .frameTimedOut:
            guard let frameStart else { return false }
            return time >= frameStart + limits.frame + frameAllowance
        case .pongTimedOut: return pingSent.map { time >= $0 + limits.pong } ?? false
        case .sendStalled: return crowdedFirst.map { now.nanoseconds >= $0.nanoseconds + limits.progress } ?? false
        case .responseTimedOut(.headers):
            return isOver(headersAsked, limits.headers, time) && time >= headersExcusedUntil
        case .responseTimedOut(.data): return isOver(dataAsked, limits.data, time)
        default: return true
        }
    }

    private func isOver(_ asked: Int64?, _ timeout: Int64?, _ time: Int64) -> Bool {
        guard let asked, let timeout else { return false }
        return time >= asked + timeout
    }
}
