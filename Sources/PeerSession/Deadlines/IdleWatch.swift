/// Watches for a peer that has gone silent.
///
/// The deadline follows from when the last frame came, so no path can forget to arm it again.
struct IdleWatch: Sendable, BitwiseCopyable {
    /// When the last complete valid frame came, of a known command or not, in the input clock's time; at first, when
    /// the session began.
    private(set) var lastReceived: Timestamp

    init(at time: Timestamp) {
        lastReceived = time
    }

    mutating func received(at time: Timestamp) {
        lastReceived = time
    }

    @inline(__always)
    func deadline(_ configuration: SessionConfiguration) -> Timestamp {
        lastReceived + configuration.idleTimeout
    }
}
