/// Whether the handshake of a connection is done. Before it, payloads are kept small.
public enum WirePhase: Hashable, Sendable, BitwiseCopyable {
    /// Until both sides have sent `verack`.
    case handshake
    /// Afterwards.
    case established
}

extension WireLimits {
    /// The longest payload a header can declare: the length is four bytes.
    static let maximumDeclarable = Int(UInt32.max)

    /// Longest payload of `block`, `cmpctblock` and `blocktxn`, in bytes: twice the block size and an eighth of it
    /// more, for a sender whose tip lets blocks grow while ours does not yet.
    ///
    /// The reference node allows twice the size that 2,048 full blocks from its tip on would lead to: at most 2.2406
    /// times the current size, so that 2.25 covers it.
    public var maxBlockLikePayload: Int {
        let (doubled, overflow) = max(0, maxBlockSize).multipliedReportingOverflow(by: 2)
        let derived = overflow ? Self.maximumDeclarable : doubled.addingSaturated(maxBlockSize / 4)
        return max(0, min(derived, blockLikePayloadCap, Self.maximumDeclarable))
    }

    /// Longest payload of a command in bytes, checked before any byte of it is kept.
    public func maximumPayload(for command: Command, phase: WirePhase) -> Int {
        maximumPayload(for: command, kind: MessageKind(command), phase: phase)
    }

    /// As ``maximumPayload(for:phase:)`` for a command whose kind is known already.
    func maximumPayload(for command: Command, kind: MessageKind?, phase: WirePhase) -> Int {
        let limit: Int
        if let kind {
            limit = maximumPayload(for: kind)
        } else if command == .extendedVersion {
            return maxExtendedVersionPayload
        } else if command == .compactBlock || command == .blockTransactions {
            limit = maxBlockLikePayload
        } else if command == .committedFilter {
            limit = Self.maxCommittedFilterPayload
        } else {
            limit = maxOrdinaryPayload
        }
        switch phase {
        case .established: return limit
        case .handshake: return min(limit, maxHandshakePayload)
        }
    }

    /// Type, block hash, length and 4,194,304 bytes of filter.
    private static let maxCommittedFilterPayload = 4_194_342

    private func maximumPayload(for kind: MessageKind) -> Int {
        // 9 stands for the longest form of a count, which is also room for some trailing bytes.
        switch kind {
        case .version: maxVersionPayload
        case .verack, .getAddresses, .sendHeaders: 0
        case .ping, .pong, .feeFilter: 8
        case .sendCompact: 9
        case .addresses: ordinary(9, maxAddressCount, TimestampedAddress.byteCount)
        case .inventory, .getData, .notFound: ordinary(9, maxInventoryCount, InventoryVector.byteCount)
        case .getHeaders: ordinary(4 + 9 + Hash256.byteCount, maxLocatorCount, Hash256.byteCount)
        case .headers: ordinary(9, maxHeaderCount, BlockHeader.byteCount + 1)
        case .reject, .transaction: maxOrdinaryPayload
        case .block: maxBlockLikePayload
        }
    }

    /// `fixed + count * size`, and no more than any ordinary payload.
    @inline(__always)
    private func ordinary(_ fixed: Int, _ count: Int, _ size: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        return overflow ? maxOrdinaryPayload : max(0, min(fixed.addingSaturated(product), maxOrdinaryPayload))
    }
}

extension Int {
    fileprivate func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
