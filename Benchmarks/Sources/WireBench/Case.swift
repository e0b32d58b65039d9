/// One thing that is measured.
package struct Case {
    /// What it has to reach. Times are as measured where the rivals were; the ratio is the same bar on any machine.
    package struct Target {
        package var nanoseconds: Double?
        package var megabytesPerSecond: Double?
        package var allocations: Double?
        /// Times the double hash of the same payload, measured in the same rounds.
        package var hashRatio: Double?

        package init(
            nanoseconds: Double? = nil, megabytesPerSecond: Double? = nil, allocations: Double? = nil,
            hashRatio: Double? = nil
        ) {
            self.nanoseconds = nanoseconds
            self.megabytesPerSecond = megabytesPerSecond
            self.allocations = allocations
            self.hashRatio = hashRatio
        }
    }

    package let name: String
    /// Bytes that go through in one operation, headers included.
    package let byteCount: Int
    /// Messages in one operation.
    package let messageCount: Int
    /// Show the time of one message rather than of the operation.
    package let isShownForOneMessage: Bool
    package let target: Target
    /// Hashes the payloads of one operation and does nothing else.
    package let hashOnly: (() -> Void)?
    package let body: () -> Void

    package init(
        _ name: String, byteCount: Int, messageCount: Int = 1, isShownForOneMessage: Bool = false,
        target: Target = Target(),
        hashOnly: (() -> Void)? = nil, body: @escaping () -> Void
    ) {
        self.name = name
        self.byteCount = byteCount
        self.messageCount = messageCount
        self.isShownForOneMessage = isShownForOneMessage
        self.target = target
        self.hashOnly = hashOnly
        self.body = body
    }
}
