/// What the host around each session keeps to: the limits that are no business of the session's.
public struct HostLimits: Sendable, Hashable {
    /// Bytes that may wait to be sent to one peer; `queue` refuses what is over it. Default 64 MiB.
    public var sendQueueByteCap = 64 << 20
    /// Messages that may wait for a peer's listeners before reading pauses. Default 64.
    public var laneMessageCap = 64
    /// Bytes that may wait for a peer's listeners before reading pauses. An empty lane takes one message of any size.
    /// Default 4 MiB.
    public var laneByteCap = 4 << 20
    /// Payloads longer than this are hashed and decoded in the peer's lane. Default 64 KiB.
    public var largePayloadByteCount = 64 << 10
    /// How long a goodbye may take: sending what is queued, and reading until the peer closes too. Default 5 s.
    public var goodbyeTimeout: Duration = .seconds(5)
    /// How long dialling may take. Default 30 s.
    public var connectTimeout: Duration = .seconds(30)

    /// The defaults.
    public init() {}
}

/// How long things take at a node, drawn anew each time.
public struct HostPace: Sendable, Hashable {
    /// How many listener calls in a thousand take time at all; the rest return at once.
    public var slowCallsPerMille = 0
    /// The longest that such a call takes.
    public var slowestCall: Duration = .milliseconds(100)
    /// The longest that hashing and decoding a large payload takes.
    public var slowestDecoding: Duration = .milliseconds(20)
    /// The longest that the host takes to answer a session's question.
    public var slowestAnswer: Duration = .milliseconds(200)

    /// A host whose listeners return at once.
    public init() {}
}
