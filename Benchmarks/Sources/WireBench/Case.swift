/// One thing that is measured.
public struct Case {
    /// What it has to reach. Times are as measured where the rivals were; the ratio is the same bar on any machine.
    public struct Target {
        public var nanoseconds: Double?
        public var megabytesPerSecond: Double?
        public var allocations: Double?
        /// Times the double hash of the same payload, measured in the same rounds.
        public var hashRatio: Double?

        public init(
            nanoseconds: Double? = nil, megabytesPerSecond: Double? = nil, allocations: Double? = nil,
            hashRatio: Double? = nil
        ) {
            self.nanoseconds = nanoseconds
            self.megabytesPerSecond = megabytesPerSecond
            self.allocations = allocations
            self.hashRatio = hashRatio
        }
    }

    public let name: String
    /// Bytes that go through in one operation, headers included.
    public let byteCount: Int
    /// Messages in one operation.
    public let messageCount: Int
    public let target: Target
    /// Hashes the payloads of one operation and does nothing else.
    public let hashOnly: (() -> Void)?
    public let body: () -> Void

    public init(
        _ name: String, byteCount: Int, messageCount: Int = 1, target: Target = Target(),
        hashOnly: (() -> Void)? = nil, body: @escaping () -> Void
    ) {
        self.name = name
        self.byteCount = byteCount
        self.messageCount = messageCount
        self.target = target
        self.hashOnly = hashOnly
        self.body = body
    }
}
