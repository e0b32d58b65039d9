public import PeerWire

/// What a session needs to know of a message, received or to be sent: its kind, and of some kinds a little more.
///
/// There is a case for every message, so that one without a rule does not compile. A message whose payload was not
/// decoded, because nobody listens and it is long, is told of with ``init(undecoded:command:)``.
public enum MessageFacts: Sendable, Hashable, BitwiseCopyable {
    /// `version`.
    case version(VersionFacts)
    /// `verack`.
    case verack
    /// `ping`: its nonce, `nil` when it has none (protocol version 60000 and below), and the checksum in its frame
    /// header. With a nonce the payload must have been just its eight bytes, as the pong reuses the checksum.
    case ping(nonce: UInt64?, checksum: UInt32)
    /// `pong`: its nonce, `nil` when it was too short to hold one.
    case pong(nonce: UInt64?)
    /// `getaddr`.
    case getAddresses
    /// `addr` with this many entries.
    case addresses(count: Int)
    /// `addrv2` with this many entries.
    case addressesV2(count: Int)
    /// `inv`.
    case inventory(InventoryFacts)
    /// `getdata`.
    case getData(InventoryFacts)
    /// `notfound`.
    case notFound(InventoryFacts)
    /// `reject`.
    case reject
    /// `getheaders`.
    case getHeaders(BlockRange)
    /// `getblocks`.
    case getBlocks(BlockRange)
    /// `headers` with this many entries.
    case headers(count: Int)
    /// `tx` with this hash; `nil` when it was not computed.
    case transaction(Hash256?)
    /// `block` with this hash; `nil` when it was not computed.
    case block(Hash256?)
    /// `merkleblock` with this hash; `nil` when it was not computed.
    case merkleBlock(Hash256?)
    /// `cmpctblock` with this hash; `nil` when it was not computed.
    case compactBlock(Hash256?)
    /// `getblocktxn`.
    case getBlockTransactions
    /// `blocktxn`.
    case blockTransactions
    /// `dsproof-beta` with this id; `nil` when it was not computed.
    case doubleSpendProof(Hash256?)
    /// `sendheaders`.
    case sendHeaders
    /// `sendcmpct`.
    case sendCompact(SendCompactMessage)
    /// `feefilter`, in satoshis for a thousand bytes.
    case feeFilter(rate: Int64)
    /// `sendaddrv2`.
    case sendAddressesV2
    /// `extversion`.
    case extendedVersion
    /// `xversion`.
    case xVersion
    /// `xverack`.
    case xVerack
    /// `mempool`.
    case mempool
    /// `filterload`.
    case filterLoad
    /// `filteradd`.
    case filterAdd
    /// `filterclear`.
    case filterClear
    /// `getcfilters`.
    case getCommittedFilters
    /// `cfilter`.
    case committedFilter
    /// `getcfheaders`.
    case getCommittedFilterHeaders
    /// `cfheaders`.
    case committedFilterHeaders
    /// `getcfcheckpt`.
    case getCommittedFilterCheckpoints
    /// `cfcheckpt`.
    case committedFilterCheckpoints
    /// `getcfmempool`.
    case getCommittedFilterMempool
    /// A message of the application's own.
    case custom(Command)
    /// A command that has no type.
    case unknown(Command)
}

/// What a session needs of the list in an `inv`, `getdata` or `notfound`.
public struct InventoryFacts: Sendable, Hashable, BitwiseCopyable {
    /// Entries for blocks, whole, filtered or compact.
    public var blocks: UInt32 = 0
    /// Entries for transactions.
    public var transactions: UInt32 = 0
    /// Entries for double spend proofs.
    public var proofs: UInt32 = 0
    /// Entries of any other kind.
    public var others: UInt32 = 0
    /// The hash of the last entry for a block.
    public var lastBlock: Hash256?

    /// The facts of a list.
    public init(_ items: [InventoryVector]) {
        for item in items {
            switch item.kind {
            case .block, .filteredBlock, .compactBlock:
                blocks += 1
                lastBlock = item.hash
            case .transaction: transactions += 1
            case .doubleSpendProof: proofs += 1
            default: others += 1
            }
        }
    }
}

/// Where a `getheaders` or `getblocks` begins and ends.
public struct BlockRange: Sendable, Hashable, BitwiseCopyable {
    /// The first hash of the locator; zero for an empty one.
    public var first: Hash256
    /// The last block wanted; zero for as many as allowed.
    public var stop: Hash256

    /// A range from its ends.
    public init(first: Hash256, stop: Hash256 = .zero) {
        self.first = first
        self.stop = stop
    }

    /// The range of a request.
    public init(_ message: GetHeadersMessage) {
        self.init(first: message.locator.first ?? .zero, stop: message.stop)
    }
}
