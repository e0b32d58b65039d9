/// Any message of the protocol: what listeners get and what is queued for sending.
public enum Message: Hashable, Sendable {
    /// `version`: opens the handshake.
    indirect case version(VersionMessage)
    /// `verack`: accepts the other side's `version`.
    case verack
    /// `ping`: asks for a `pong` with the same nonce. Without a nonce at protocol version 60000 and below only.
    case ping(nonce: UInt64?)
    /// `pong`: answers a `ping`.
    case pong(nonce: UInt64)
    /// `getaddr`: asks for addresses.
    case getAddresses
    /// `addr`: addresses of nodes.
    case addresses(AddressesMessage)
    /// `inv`: what the sender has.
    case inventory(InventoryMessage)
    /// `reject`: a message was not accepted.
    indirect case reject(RejectMessage)
    /// `getdata`: what the sender wants.
    case getData(InventoryMessage)
    /// `notfound`: what the sender was asked for and does not have.
    case notFound(InventoryMessage)
    /// `getheaders`: asks for headers.
    indirect case getHeaders(GetHeadersMessage)
    /// `headers`: block headers, as an answer or an announcement.
    case headers(HeadersMessage)
    /// `tx`: a transaction.
    case transaction(Transaction)
    /// `block`: a block.
    case block(Block)
    /// `sendheaders`: announce blocks to the sender by `headers`.
    case sendHeaders
    /// `sendcmpct`: announce blocks to the sender as compact blocks.
    case sendCompact(SendCompactMessage)
    /// `feefilter`: announce no transaction that pays less, in satoshis for a thousand bytes. Any number is read; sound
    /// ones are 0 to 2,100,000,000,000,000.
    case feeFilter(rate: Int64)
    /// `sendaddrv2`: addresses may be sent to the sender as `addrv2`. Between `version` and `verack`.
    case sendAddressesV2
    /// `extversion`: what the sender can do, between `version` and `verack`.
    indirect case extendedVersion(ExtendedVersionMessage)
    /// `xversion`: the older form of `extversion`, after the handshake; nodes do not look at what it says.
    indirect case xVersion(XVersionMessage)
    /// `xverack`: answers an `xversion`.
    case xVerack
    /// `addrv2`: addresses of nodes on any kind of network.
    case addressesV2(AddressesV2Message)
    /// `getblocks`: asks for the hashes of blocks.
    indirect case getBlocks(GetBlocksMessage)
    /// `mempool`: asks for the inventory of transactions that are in no block yet.
    case mempool
    /// `filterload`: sets a bloom filter.
    indirect case filterLoad(FilterLoadMessage)
    /// `filteradd`: adds an element to the bloom filter.
    case filterAdd(FilterAddMessage)
    /// `filterclear`: removes the bloom filter.
    case filterClear
    /// `merkleblock`: a header and a proof of which transactions match the bloom filter.
    indirect case merkleBlock(MerkleBlockMessage)
    /// `cmpctblock`: a block by short ids of its transactions.
    indirect case compactBlock(CompactBlockMessage)
    /// `getblocktxn`: asks for transactions of a compact block.
    indirect case getBlockTransactions(GetBlockTransactionsMessage)
    /// `blocktxn`: answers a `getblocktxn`.
    indirect case blockTransactions(BlockTransactionsMessage)
    /// `getcfilters`: asks for the committed filters of blocks.
    indirect case getCommittedFilters(GetCommittedFiltersMessage)
    /// `cfilter`: the committed filter of a block.
    indirect case committedFilter(CommittedFilterMessage)
    /// `getcfheaders`: asks for the hashes of the committed filters of blocks.
    indirect case getCommittedFilterHeaders(GetCommittedFiltersMessage)
    /// `cfheaders`: hashes of committed filters.
    indirect case committedFilterHeaders(CommittedFilterHeadersMessage)
    /// `getcfcheckpt`: asks for every thousandth filter header.
    indirect case getCommittedFilterCheckpoints(GetCommittedFilterCheckpointsMessage)
    /// `cfcheckpt`: every thousandth filter header.
    indirect case committedFilterCheckpoints(CommittedFilterCheckpointsMessage)
    /// `getcfmempool`: asks for a committed filter of the transactions that are in no block yet.
    case getCommittedFilterMempool(CommittedFilterType)
    /// `dsproof-beta`: two signatures that spend the same output.
    indirect case doubleSpendProof(DoubleSpendProofMessage)
    /// A message of the application's own, from a ``MessageRegistry``.
    indirect case custom(AnyCustomMessage)
    /// A command without a type here, with its payload as received.
    indirect case unknown(Command, WireBytes)

    /// The kind of the message, or `nil` for `custom` and ``unknown(_:_:)``.
    public var kind: MessageKind? {
        switch self {
        case .version: .version
        case .verack: .verack
        case .ping: .ping
        case .pong: .pong
        case .getAddresses: .getAddresses
        case .addresses: .addresses
        case .inventory: .inventory
        case .reject: .reject
        case .getData: .getData
        case .notFound: .notFound
        case .getHeaders: .getHeaders
        case .headers: .headers
        case .transaction: .transaction
        case .block: .block
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact
        case .feeFilter: .feeFilter
        case .sendAddressesV2: .sendAddressesV2
        case .extendedVersion: .extendedVersion
        case .xVersion: .xVersion
        case .xVerack: .xVerack
        case .addressesV2: .addressesV2
        case .getBlocks: .getBlocks
        case .mempool: .mempool
        case .filterLoad: .filterLoad
        case .filterAdd: .filterAdd
        case .filterClear: .filterClear
        case .merkleBlock: .merkleBlock
        case .compactBlock: .compactBlock
        case .getBlockTransactions: .getBlockTransactions
        case .blockTransactions: .blockTransactions
        case .getCommittedFilters: .getCommittedFilters
        case .committedFilter: .committedFilter
        case .getCommittedFilterHeaders: .getCommittedFilterHeaders
        case .committedFilterHeaders: .committedFilterHeaders
        case .getCommittedFilterCheckpoints: .getCommittedFilterCheckpoints
        case .committedFilterCheckpoints: .committedFilterCheckpoints
        case .getCommittedFilterMempool: .getCommittedFilterMempool
        case .doubleSpendProof: .doubleSpendProof
        case .custom, .unknown: nil
        }
    }

    /// The command on the wire.
    public var command: Command {
        switch self {
        case .unknown(let command, _): command
        case .custom(let message): message.command
        // Every other case has a kind.
        default: kind?.command ?? Command(low: 0, high: 0)
        }
    }
}
