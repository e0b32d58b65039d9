/// What became of a message that was queued.
public enum SendOutcome: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// The transport has taken all of it.
    case sent
    /// It repeats the `getblocks` or `getheaders` before it, and was not sent.
    case skipped
    /// Too much waits already.
    case refusedFull
    /// It breaks a limit of the protocol, or does not exist at the version spoken.
    case refusedUnencodable
    /// The peer had gone, or went before the transport took it.
    case peerGone
}

/// The messages queued in a simulation, each with its outcome.
struct SendLedger {
    private var outcomes: [UInt8] = []
    private(set) var openCount = 0
    private(set) var counts = [Int](repeating: 0, count: SendOutcome.allCases.count)

    private static let open: UInt8 = 0xff

    mutating func open() -> Int32 {
        outcomes.append(Self.open)
        openCount += 1
        return Int32(outcomes.count - 1)
    }

    /// False when the message had an outcome already.
    mutating func settle(_ message: Int32, _ outcome: SendOutcome) -> Bool {
        guard outcomes[Int(message)] == Self.open else { return false }
        outcomes[Int(message)] = outcome.rawValue
        openCount -= 1
        counts[Int(outcome.rawValue)] += 1
        return true
    }
}
