/// What the way between two nodes is like.
///
/// Bytes are never lost, repeated or put in another order within a stream: the transport is TCP. Everything else that
/// TCP does to those who use it can be had.
public struct LinkProfile: Sendable, Hashable {
    /// The time from one end to the other.
    public var latency: Duration = .milliseconds(20)
    /// The most that a segment may take longer than that.
    public var jitter: Duration = .zero
    /// Bytes a second of each direction.
    public var bytesPerSecond = 10_000_000
    /// What the sender's kernel takes before it is sent and confirmed, in bytes.
    public var sendBufferByteCount = 256 << 10
    /// What the receiver's kernel keeps unread, in bytes.
    public var receiveWindowByteCount = 256 << 10
    /// The longest segment, in bytes.
    public var segmentByteCount = 64 << 10
    /// How many segments of each direction, from its first byte on, are cut to a random length, down to one byte.
    public var cutSegmentCount = 0
    /// The longest of those, in bytes.
    public var cutSegmentByteCount = 8
    /// The most that an end waits with reading what has arrived, so that more comes together.
    public var readDelay: Duration = .zero
    /// The most that is read at once, in bytes.
    public var readByteCount = 64 << 10
    /// What becomes of dialling.
    public var connecting: Connecting = .succeeds
    /// Bits that are turned over on the way: at these bytes of the stream, counted from 0.
    public var corruption: Corruption?

    /// What becomes of dialling.
    public enum Connecting: Sendable, Hashable, BitwiseCopyable {
        /// The other end accepts.
        case succeeds
        /// The other end refuses.
        case isRefused
        /// Nobody answers; the dialler gives up after its host's limit.
        case timesOut
    }

    /// A bit that is turned over.
    public struct Corruption: Sendable, Hashable, BitwiseCopyable {
        /// True: on the way to the end that was dialled.
        public var towardsDialled: Bool
        /// The byte of that direction's stream, from 0.
        public var offset: UInt64
        /// The bit, 0 to 7.
        public var bit: UInt8

        /// One bit of one byte.
        public init(towardsDialled: Bool, offset: UInt64, bit: UInt8) {
            self.towardsDialled = towardsDialled
            self.offset = offset
            self.bit = bit
        }
    }

    /// A fast and faultless way.
    public init() {}

    /// A fast and faultless way.
    public static var calm: LinkProfile { LinkProfile() }
}
