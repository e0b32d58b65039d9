/// What a peer can do wrong, and what it can ask for that costs more than it should.
///
/// Some are found by the session: refused frames, messages out of order, a fee out of range, costly requests. The
/// others need a chain, a memory pool or the application's view, and the host tells of them with
/// ``SessionEvent/misbehaved(_:)``. What each weighs is in ``MisbehaviourPolicy``.
///
/// Source: `PROTOCOL` 1.5, 3, 4.3, 5.6, 5.7, 6.4.
public enum Offence: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    // MARK: Frames (1.5)

    /// A frame of another network, or the stream is out of step.
    case wrongMagic
    /// A command that is not text.
    case malformedCommand
    /// A command without a type here. Harmless, and never told of by the session: for hosts that count them.
    case unknownCommand
    /// A declared length over the limit for the command.
    case payloadTooLong
    /// A checksum that does not match the payload.
    case checksumMismatch
    /// A payload that ends before its last field does.
    case truncatedPayload
    /// Bytes after the last field where none may be.
    case trailingBytes
    /// A payload that breaks another rule of its command.
    case malformedPayload
    /// A message that does not exist at the protocol version spoken.
    case messageNotInVersion

    // MARK: Order of messages (5.6)

    /// Something other than `version` or `reject` came first.
    case messageBeforeVersion
    /// A message that has to wait for the handshake came between `version` and `verack`.
    case messageBeforeVerack
    /// A second `version`.
    case duplicateVersion
    /// A second `verack`.
    case duplicateVerack
    /// A second `xversion`.
    case duplicateXVersion
    /// A `sendaddrv2` after `verack`.
    case lateSendAddressesV2
    /// An `extversion` after `verack`.
    case lateExtendedVersion
    /// A `version` whose time is before the network's first block. Told of by the host.
    case versionTimeBeforeGenesis

    // MARK: Services (5.7)

    /// `filterload` or `filteradd` to a node without the bloom service, from version 70011 up.
    case filterWithoutBloomService
    /// `filterclear` to a node without the bloom service, from version 70011 up.
    case filterClearWithoutBloomService
    /// `mempool` to a node without the bloom service, from version 70011 up.
    case mempoolWithoutBloomService
    /// A request for committed filters to a node without them. Told of by the host.
    case committedFilterRequestWithoutService

    // MARK: Rules of single messages (3), told of by the host

    /// An `addr` or `addrv2` without entries.
    case emptyAddressList
    /// An `addrv2` to a node that did not send `sendaddrv2`.
    case addressesV2NotNegotiated
    /// A second `getaddr` on the same connection.
    case repeatedGetAddresses
    /// `headers` whose entries announce transactions.
    case headersWithTransactionCount
    /// `headers` that were neither asked for nor allowed by `sendheaders`.
    case unrequestedHeaders
    /// A `block` that was neither asked for nor allowed by direct block relay.
    case unrequestedBlock
    /// A `merkleblock` that was not asked for.
    case unrequestedFilteredBlock
    /// A `cmpctblock` that was neither asked for nor allowed by direct block relay.
    case unrequestedCompactBlock
    /// A `blocktxn` that was not asked for.
    case unrequestedBlockTransactions
    /// A `cfilter`, `cfheaders` or `cfcheckpt` that was not asked for.
    case unrequestedCommittedFilter
    /// A transaction announced to a node that wants none, from version 70001 up.
    case unwantedTransactionInventory
    /// `filteradd` without a filter.
    case filterAddWithoutFilter
    /// `filterclear` without a filter.
    case filterClearWithoutFilter
    /// `getdata` for a block that this node has told it no longer serves.
    case requestForPrunedBlock

    // MARK: Limits (4.3)

    /// More than 50,000 entries in an `inv`, `getdata` or `notfound`.
    case tooManyInventoryItems
    /// More than 1,000 entries in an `addr` or `addrv2`.
    case tooManyAddresses
    /// A host of more than 512 bytes in an `addrv2`. Told of by the host: the codec's refusal names the list.
    case addressV2TooLong
    /// More than 2,000 entries in `headers`.
    case tooManyHeaders
    /// More than 500 hashes in a locator.
    case tooManyLocatorHashes
    /// More than 101 hashes in a locator, and no more than 500. Told of by the host.
    case longLocator
    /// A filter of more than 36,000 bytes in a `filterload`.
    case bloomFilterTooLong
    /// More than 50 hash functions in a `filterload`.
    case tooManyBloomHashFunctions
    /// An element of more than 520 bytes in a `filteradd`.
    case bloomElementTooLong
    /// A user agent of more than 256 bytes.
    case userAgentTooLong
    /// A command of more than 12 bytes quoted in a `reject`. Told of by the host: the codec's refusal names the reason.
    case rejectCommandTooLong
    /// A reason in a `reject` longer than is read.
    case rejectReasonTooLong
    /// A `feefilter` below zero or above all the money there is.
    case feeFilterOutOfRange
    /// An `extversion` or `xversion` of more than 100,000 bytes.
    case extendedVersionTooLong
    /// More than 8,192 entries in an `extversion` or `xversion`.
    case tooManyExtendedVersionEntries
    /// A count or length over 33,554,432 inside a `tx`, `dsproof-beta` or another message without a tighter limit.
    case compactSizeTooLarge
    /// More transactions, or hashes of them, than the longest block has room for: in a `block`, `merkleblock`,
    /// `cmpctblock`, `getblocktxn` or `blocktxn`.
    case tooManyBlockTransactions
    /// A `cmpctblock` or `getblocktxn` with a place outside the block. Told of by the host.
    case compactBlockIndexOutOfRange
    /// `headers` that do not connect to a known block. Told of by the host.
    case unconnectingHeaders
    /// A `cfilter` of more than 4,194,304 bytes.
    case committedFilterTooLong
    /// More than 2,000 hashes in a `cfheaders`.
    case tooManyCommittedFilterHashes
    /// More than 100,000 headers in a `cfcheckpt`.
    case tooManyCommittedFilterCheckpoints
    /// `getcfilters` of more than 1,000 blocks, or `getcfheaders` of more than 2,000. Told of by the host.
    case committedFilterRangeTooLong

    // MARK: Rules of the chain, told of by the host

    /// A header that breaks the rules of the chain.
    case invalidHeader
    /// A block that breaks the rules of the chain.
    case invalidBlock
    /// A compact block that is not one, or leads to a block that breaks the rules of the chain.
    case invalidCompactBlock
    /// A filtered block whose proof does not lead to its header.
    case invalidFilteredBlock
    /// A transaction that breaks the rules of the chain, and not only those of a node's memory pool.
    case invalidTransaction
    /// A double spend proof that proves nothing.
    case invalidDoubleSpendProof
    /// A committed filter, or a header of one, that does not match the chain.
    case invalidCommittedFilter

    // MARK: Costly requests (6.4)

    /// Entries of `getdata`. The transient weight is that of 50,000 entries, and fewer weigh their part of it.
    case manyDataRequests
    /// `mempool`.
    case manyMempoolRequests
    /// `getblocktxn`.
    case manyBlockTransactionRequests
    /// `getcfmempool`.
    case manyCommittedFilterMempoolRequests

    /// True for what is allowed and only costs: it counts as an offence when it is too much, not before.
    public var isRequest: Bool {
        switch self {
        case .manyDataRequests, .manyMempoolRequests, .manyBlockTransactionRequests,
            .manyCommittedFilterMempoolRequests:
            true
        default: false
        }
    }
}
