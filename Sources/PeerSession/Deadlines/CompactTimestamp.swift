/// A ``Timestamp`` in half the room, for times that are kept and seldom read: whole nanoseconds come back as they were.
///
/// It counts steps of 2^29 attoseconds, a little more than half a nanosecond, which reach 157 years from the epoch and
/// stay at the end there. Making one is a shift; nanoseconds would take a division of 128 bits with each read from a
/// socket.
struct CompactTimestamp: Sendable, BitwiseCopyable {
    private let steps: Int64

    private static let stepBits = 29
    private static let nanosecond: Int128 = 1_000_000_000

    init(_ time: Timestamp) {
        steps = Int64(clamping: (time - .zero).attoseconds >> Self.stepBits)
    }

    /// The time; one that was not of whole nanoseconds comes back as one of the two beside it.
    var timestamp: Timestamp {
        let attoseconds = Int128(steps) << Self.stepBits
        // A step has room for no more than one whole nanosecond, which is the one it was.
        let rest = attoseconds % Self.nanosecond
        let missing = rest > 0 ? Self.nanosecond - rest : -rest
        return .zero + Duration(attoseconds: attoseconds + missing)
    }
}
