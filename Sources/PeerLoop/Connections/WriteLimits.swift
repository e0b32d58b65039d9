/// What may wait to be written to one connection, and how fast it has to go.
public struct WriteLimits: Sendable, Hashable {
    /// Bytes: with more than these waiting, ``Connection/isWritable`` is false.
    public var highMark: Int
    /// Bytes: with these or fewer waiting it is true again, which ``ConnectionHandler/writabilityChanged(on:)`` tells.
    public var lowMark: Int
    /// Bytes: what would exceed these is refused by ``Connection/tryWrite(_:)-(RawSpan)`` and ends the connection in
    /// ``Connection/write(_:)-(RawSpan)``, so that nothing is missing from a stream in silence.
    public var cap: Int
    /// How long a connection may stay over the high mark without taking ``leastByteCount`` bytes in that time; it is
    /// closed with ``CloseCause/sendTooSlow``. `nil` for as long as it likes. The time for which the
    /// loop itself stood still does not count.
    public var progressWindow: Duration?
    /// Bytes that the kernel has to take in each ``progressWindow``.
    public var leastByteCount: Int

    /// The defaults: 1 MiB, half of that, 64 MiB, and 960 KiB a minute, which is 16 KiB a second.
    ///
    /// A low mark above the high one, or a cap below it, is taken as the high one.
    public init(
        highMark: Int = 1 << 20, lowMark: Int? = nil, cap: Int = 64 << 20, progressWindow: Duration? = .seconds(60),
        leastByteCount: Int = 960 << 10
    ) {
        self.highMark = max(0, highMark)
        self.lowMark = min(max(0, lowMark ?? highMark / 2), self.highMark)
        self.cap = max(cap, self.highMark)
        self.progressWindow = progressWindow
        self.leastByteCount = max(0, leastByteCount)
    }

    /// No limit at all, for an application that keeps its own.
    public static let unlimited = WriteLimits(highMark: .max, cap: .max, progressWindow: nil)
}
