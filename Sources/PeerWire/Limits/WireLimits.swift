/// How long payloads and lists may be, and how strictly payloads are read.
///
/// A value: each peer has its own, and changing one is changing a field. Defaults are the tighter of the two common
/// nodes' where both agree that more is useless, and what the more generous one sends otherwise.
///
/// Source: `PROTOCOL` 1.4, 3, 4.3.
public struct WireLimits: Hashable, Sendable, BitwiseCopyable {
    /// What to do with bytes after the last field of a message that is not of fixed size.
    public enum TrailingBytes: Hashable, Sendable, BitwiseCopyable {
        /// They are kept with the message and encoded again: what nodes that ignore them would do, and exact.
        case keep
        /// The message is refused.
        case refuse
    }

    /// Largest block expected, in bytes. Block-like payloads follow it. May be changed while running: the limit of the
    /// main network can grow without a release.
    @Bound public var maxBlockSize: Int
    /// An upper bound on block-like payloads in bytes, below what ``maxBlockSize`` gives; `.max` for none. A host sets
    /// it while it has asked for no block.
    @Bound public var blockLikePayloadCap: Int = .max
    /// Longest payload of any command that is not block-like and has no tighter limit: 2,097,152 bytes.
    @Bound public var maxOrdinaryPayload: Int = 2_097_152
    /// Longest `version` payload: 4,096 bytes.
    @Bound public var maxVersionPayload: Int = 4_096
    /// Longest `extversion` payload: 100,000 bytes.
    @Bound public var maxExtendedVersionPayload: Int = 100_000
    /// Longest payload of any other command before the handshake is done: 65,536 bytes.
    @Bound public var maxHandshakePayload: Int = 65_536
    /// Entries of `inv`, `getdata` and `notfound`: 50,000.
    @Bound public var maxInventoryCount: Int = 50_000
    /// Entries of `addr`: 1,000.
    @Bound public var maxAddressCount: Int = 1_000
    /// Entries of `headers`: 2,000.
    @Bound public var maxHeaderCount: Int = 2_000
    /// Hashes of a block locator that is accepted: 500. Send at most 101: some nodes disconnect above it.
    @Bound public var maxLocatorCount: Int = 500
    /// Bytes of a user agent: 256.
    @Bound public var maxUserAgentLength: Int = 256
    /// Bytes of the command that a `reject` quotes: 12.
    @Bound public var maxRejectCommandLength: Int = 12
    /// Bytes of the reason of a `reject`: 4,096. Senders are known to go beyond the 111 of the common cap.
    @Bound public var maxRejectReasonLength: Int = 4_096
    /// Bytes of the filter of `filterload`: 36,000.
    @Bound public var maxBloomFilterLength: Int = 36_000
    /// Hash functions of a `filterload`: 50.
    @Bound public var maxBloomFilterFunctions: Int = 50
    /// Bytes of the element of a `filteradd`: 520.
    @Bound public var maxBloomFilterElementLength: Int = 520
    /// Bytes of the filter of a `cfilter`: 4,194,304.
    @Bound public var maxCommittedFilterLength: Int = 4_194_304
    /// Filter hashes of a `cfheaders`: 2,000.
    @Bound public var maxCommittedFilterHeaderCount: Int = 2_000
    /// Filter headers of a `cfcheckpt`: 100,000.
    @Bound public var maxCommittedFilterCheckpointCount: Int = 100_000
    /// Entries of `extversion` and `xversion`: 8,192.
    @Bound public var maxExtendedVersionEntries: Int = 8_192
    /// Bytes of one address of `addrv2`: 512.
    @Bound public var maxAddressV2Length: Int = 512
    /// Bytes of each push of a double spend proof, which is a signature: 10,000, as the rules of May 2025 allow.
    @Bound public var maxDoubleSpendProofPushLength: Int = 10_000
    /// Bytes after the last field. Messages of fixed size never have any; `version` always keeps them.
    public var trailingBytes: TrailingBytes = .keep
    /// Refuse `headers` whose entries announce transactions. Off: the counts are kept.
    public var refusesHeadersWithTransactions: Bool = false
    /// Refuse commands with bytes other than printable ASCII and zeros. Off: they come out as unknown commands.
    public var refusesMalformedCommands: Bool = true
    /// Refuse commands in which something follows a zero, and the one of zeros only, as one of the common nodes does.
    /// Off, as with the other: they come out as unknown commands.
    public var refusesCommandsWithInnerZeros: Bool = false

    /// The defaults for blocks of up to `maxBlockSize` bytes.
    public init(maxBlockSize: Int = 32_000_000) {
        self.maxBlockSize = maxBlockSize
    }

    /// The defaults for a network: blocks of 2 MB on testnet4 and chipnet, 256 MB on scalenet, 32 MB elsewhere.
    public init(network: Network) {
        switch network {
        case .testnet4, .chipnet: self.init(maxBlockSize: 2_000_000)
        case .scalenet: self.init(maxBlockSize: 256_000_000)
        case .mainnet, .testnet3, .regtest, .simnet: self.init(maxBlockSize: 32_000_000)
        }
    }
}
