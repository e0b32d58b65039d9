public import PeerWire

/// What a peer wants of this node, as it said; and what this node allows it, apart.
public struct PeerPreferences: Sendable, Hashable, BitwiseCopyable {
    /// The peer wants transactions announced: the relay flag of its `version`, and true once it sent a `filterload`.
    public var wantsTransactions = true
    /// The peer wants blocks announced by `headers` (`sendheaders`).
    public var wantsHeaders = false
    /// The peer wants compact blocks (`sendcmpct` of version 1).
    public var wantsCompactBlocks = false
    /// The peer wants compact blocks unannounced (high-bandwidth `sendcmpct` of version 1): direct block relay.
    public var wantsDirectBlockRelay = false
    /// This node lets the peer send compact blocks unannounced: with a high-bandwidth `sendcmpct` of its own, or
    /// because the host says so.
    public var allowsDirectBlockRelay = false
    /// The peer reads `addrv2` (`sendaddrv2` before its `verack`).
    public internal(set) var wantsAddressesV2 = false
    /// The peer wants no transaction that pays less, in satoshis for a thousand bytes (`feefilter`); 0 until it said.
    public internal(set) var feeFilter: Int64 = 0
    /// The last block the peer announced by `inv`; `nil` before the first, or when the host reset it.
    public var lastAnnouncedBlock: Hash256?
    /// The height of the peer's newest block, as far as is known: its `version` first, then what the host finds out. It
    /// never falls.
    public internal(set) var lastBlockHeight: Int32 = 0

    /// Fees of `feefilter` that can be: none to all the money there is. Source: `PROTOCOL` 4.3.
    static let feeRange: ClosedRange<Int64> = 0...2_100_000_000_000_000

    mutating func received(_ wish: SendCompactMessage) {
        // Other versions are of other software's, and ignored (BIP 152).
        guard wish.version == 1 else { return }
        wantsCompactBlocks = true
        wantsDirectBlockRelay = wish.isHighBandwidth
    }

    mutating func sent(_ wish: SendCompactMessage) {
        guard wish.version == 1 else { return }
        allowsDirectBlockRelay = wish.isHighBandwidth
    }
}
