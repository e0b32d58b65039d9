/// Watches for a peer that has gone silent.
///
/// The deadline follows from when the last frame came, so no path can forget to arm it again.
struct IdleWatch: Sendable, BitwiseCopyable {
    /// When the last complete valid frame came, of a known command or not; at first, when the session began.
    private(set) var lastReceived: Timestamp
    private let timeout: Duration

    init(timeout: Duration, at now: Timestamp) {
        self.timeout = timeout
        lastReceived = now
    }

    mutating func received(at now: Timestamp) {
        lastReceived = now
    }

    var deadline: Timestamp {
        lastReceived + timeout
    }
}
