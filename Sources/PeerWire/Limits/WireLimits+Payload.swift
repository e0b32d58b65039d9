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
    /// more, for a sender whose tip lets blocks grow while ours does not yet. No more than ``blockLikePayloadCap``.
    ///
    /// The reference node allows twice the size that 2,048 full blocks from its tip on would lead to: at most 2.2406
    /// times the current size, so that 2.25 covers it.
    public var maxBlockLikePayload: Int { max(0, min(maxBlockLike, blockLikePayloadCap)) }

    /// As ``maxBlockLikePayload`` without the cap, which is about frames that have not begun.
    private var maxBlockLike: Int {
        let (doubled, overflow) = max(0, maxBlockSize).multipliedReportingOverflow(by: 2)
        let derived = overflow ? Self.maximumDeclarable : doubled.addingSaturated(maxBlockSize / 4)
        return min(derived, Self.maximumDeclarable)
    }

    /// What no payload may be longer than, whatever its command.
    var maximumAnyPayload: Int {
        max(
            maxBlockLike, maxOrdinaryPayload, maximumCommittedFilterPayload(for: .committedFilter),
            maximumCommittedFilterPayload(for: .committedFilterCheckpoints))
    }

    /// True for the characters of an unknown command that are let through.
    func accepts(_ command: Command) -> Bool {
        if refusesCommandsWithInnerZeros, !command.isWellFormed { return false }
        return !refusesMalformedCommands || command.isReadable
    }

    /// Longest payload of a command in bytes, checked before any byte of it is kept.
    public func maximumPayload(for command: Command, phase: WirePhase) -> Int {
        maximumPayload(for: command, kind: MessageKind(command), phase: phase)
    }

    /// As ``maximumPayload(for:phase:)`` for a command whose kind is known already.
    @inline(__always)
    func maximumPayload(for command: Command, kind: MessageKind?, phase: WirePhase) -> Int {
        guard let kind else { return bounded(maxOrdinaryPayload, phase) }
        let limit = maximumPayload(for: kind)
        switch kind {
        case .extendedVersion: return limit
        case .block, .compactBlock, .blockTransactions: return bounded(max(0, min(limit, blockLikePayloadCap)), phase)
        default: return bounded(limit, phase)
        }
    }

    @inline(__always)
    func bounded(_ limit: Int, _ phase: WirePhase) -> Int {
        phase == .established ? limit : min(limit, maxHandshakePayload)
    }

    /// Longest payload of a message at a protocol version, whatever the host has asked for.
    @inline(__always)
    func maximumPayload(for kind: MessageKind, _ version: ProtocolVersion) -> Int {
        version >= .reject ? maximumPayload(for: kind) : maximumOldPayload(for: kind, version)
    }

    /// Some messages were shorter once, or had to be empty before they came to be.
    @inline(never)
    private func maximumOldPayload(for kind: MessageKind, _ version: ProtocolVersion) -> Int {
        switch kind {
        case .ping, .pong: version > .pingNonce ? 8 : 0
        case .reject: 0
        case .addresses where version < .multipleAddresses:
            min(9 + NetworkAddress.byteCount, maximumPayload(for: kind))
        default: maximumPayload(for: kind)
        }
    }

    @inline(never)
    private func maximumPayload(for kind: MessageKind) -> Int {
        // 9 stands for the longest form of a count, which is also room for some trailing bytes.
        switch kind {
        case .version: maxVersionPayload
        case .verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVerack, .mempool, .filterClear: 0
        case .ping, .pong, .feeFilter: 8
        case .sendCompact: SendCompactMessage.byteCount
        case .addresses: ordinary(9, maxAddressCount, TimestampedAddress.byteCount)
        case .addressesV2: ordinary(9, maxAddressCount, maxAddressV2Length.addingSaturated(19))
        case .inventory, .getData, .notFound: ordinary(9, maxInventoryCount, InventoryVector.byteCount)
        case .getHeaders, .getBlocks: ordinary(4 + 9 + Hash256.byteCount, maxLocatorCount, Hash256.byteCount)
        case .headers: ordinary(9, maxHeaderCount, BlockHeader.byteCount + 1)
        case .extendedVersion, .xVersion: maxExtendedVersionPayload
        case .reject, .transaction, .merkleBlock, .getBlockTransactions, .doubleSpendProof: maxOrdinaryPayload
        case .block, .compactBlock, .blockTransactions: maxBlockLike
        case .filterLoad, .filterAdd: maximumBloomPayload(for: kind)
        case .getCommittedFilters, .committedFilter, .getCommittedFilterHeaders, .committedFilterHeaders,
            .getCommittedFilterCheckpoints, .committedFilterCheckpoints, .getCommittedFilterMempool:
            maximumCommittedFilterPayload(for: kind)
        }
    }

    private func maximumBloomPayload(for kind: MessageKind) -> Int {
        switch kind {
        case .filterLoad: Self.sized(maxBloomFilterLength, and: 4 + 4 + 1)
        default: Self.sized(maxBloomFilterElementLength, and: 0)
        }
    }

    private func maximumCommittedFilterPayload(for kind: MessageKind) -> Int {
        switch kind {
        case .committedFilter: Self.sized(maxCommittedFilterLength, and: 1 + Hash256.byteCount)
        case .committedFilterHeaders:
            Self.list(1 + 2 * Hash256.byteCount + 9, maxCommittedFilterHeaderCount, Hash256.byteCount)
        case .committedFilterCheckpoints:
            Self.list(1 + Hash256.byteCount + 9, maxCommittedFilterCheckpointCount, Hash256.byteCount)
        case .getCommittedFilterCheckpoints: GetCommittedFilterCheckpointsMessage.byteCount
        case .getCommittedFilterMempool: CommittedFilterType.byteCount
        default: GetCommittedFiltersMessage.byteCount
        }
    }

    /// So many bytes after their length, and further ones.
    private static func sized(_ length: Int, and fixed: Int) -> Int {
        let length = max(0, length)
        return min(length.addingSaturated(CompactSize.encodedLength(length) + fixed), maximumDeclarable)
    }

    /// `fixed + count * size`.
    private static func list(_ fixed: Int, _ count: Int, _ size: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        return overflow ? maximumDeclarable : max(0, min(fixed.addingSaturated(product), maximumDeclarable))
    }

    /// `fixed + count * size`, and no more than any ordinary payload.
    private func ordinary(_ fixed: Int, _ count: Int, _ size: Int) -> Int {
        min(Self.list(fixed, count, size), maxOrdinaryPayload)
    }
}

extension Int {
    fileprivate func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
