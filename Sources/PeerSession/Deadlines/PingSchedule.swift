/// When to ping, which pong is awaited, and how long pongs took. At most one ping is outstanding.
struct PingSchedule: Sendable, BitwiseCopyable {
    /// When the last ping went. Before the first, a made-up time within the interval before the start, so that the next
    /// is always due an interval after it.
    private(set) var lastSent: Timestamp
    /// The same in the input clock's time, in which a pong is awaited.
    private var awaitedSince: Timestamp
    /// The nonce of the ping under way; 0 when none is.
    private(set) var awaitedNonce: UInt64 = 0
    private var lastMicroseconds = Self.unmeasured
    private var minimumMicroseconds = Self.unmeasured

    private static let unmeasured = UInt32.max

    /// A schedule that has yet to be started.
    init(at now: Timestamp) {
        lastSent = now
        awaitedSince = now
    }

    /// Makes the first ping due at a random time within the interval after `now`. Without the jitter, peers that
    /// connected together would be pinged together for ever.
    mutating func start(at now: Timestamp, interval: Duration, random: inout SplitMix64) {
        lastSent = now - random.next(below: interval)
    }

    /// True while a pong is awaited.
    var isAwaitingPong: Bool { awaitedNonce != 0 }

    /// When the next ping is due, unless one is outstanding.
    func nextPing(interval: Duration) -> Timestamp {
        lastSent + interval
    }

    /// When the awaited pong is overdue, in the input clock's time.
    func pongDeadline(timeout: Duration) -> Timestamp {
        awaitedSince + timeout
    }

    /// Notes a ping sent with a nonce, which is not 0, or without one: then no pong will come. `inputTime` is when it
    /// is expected to have gone, which may lie ahead when much waits to be sent.
    mutating func sent(nonce: UInt64?, at now: Timestamp, inputTime: Timestamp) {
        precondition(!isAwaitingPong, "a second ping while one is outstanding")
        precondition(nonce != 0, "a ping with nonce 0")
        lastSent = now
        awaitedSince = inputTime
        awaitedNonce = nonce ?? 0
    }

    /// Notes a pong. One with another nonce answers a ping of the application, or nothing, and is ignored. One too
    /// short to hold a nonce ends the wait but measures nothing (`PROTOCOL` 1.5), and neither does one that came while
    /// this node did not listen, or for a ping that had to wait: `inputTime` would not have gone on as `now` did.
    mutating func received(nonce: UInt64?, at now: Timestamp, inputTime: Timestamp) {
        guard isAwaitingPong else { return }
        guard let nonce else {
            awaitedNonce = 0
            return
        }
        guard nonce == awaitedNonce else { return }
        awaitedNonce = 0
        guard now - lastSent == inputTime - awaitedSince else { return }
        let elapsed = (now - lastSent).wholeNanoseconds / 1000
        lastMicroseconds = UInt32(clamping: min(elapsed, Int64(Self.unmeasured - 1)))
        minimumMicroseconds = min(minimumMicroseconds, lastMicroseconds)
    }

    /// The round trip of the last ping answered, in microseconds; `nil` before the first.
    var lastRoundTrip: UInt32? { lastMicroseconds == Self.unmeasured ? nil : lastMicroseconds }
    /// The shortest round trip so far, in microseconds; `nil` before the first.
    var minimumRoundTrip: UInt32? { minimumMicroseconds == Self.unmeasured ? nil : minimumMicroseconds }
}
