extension MisbehaviourPolicy {
    /// The weight that an offence has when none is set.
    ///
    /// Bitcoin Cash Node's where it has one, since it discourages at 100 as this does; bchd's otherwise. Where both
    /// only disconnect, or ignore it, there is none. An offence that ends the connection anyway does so whatever it
    /// weighs: its weight decides only whether the address is discouraged. Source: `PROTOCOL` 1.5, 3, 4.3, 5.6, 5.7,
    /// 6.4.
    ///
    /// | Offence | Persistent | Reason |
    /// |---|---|---|
    /// | wrong magic, wrong checksum | 100 | BCHN discourages at once |
    /// | bloom filter without the service or over a limit, index out of range | 100 | BCHN: +100 |
    /// | invalid header, block, filtered block, transaction, committed filter | 100 | whoever checks sends none |
    /// | `filterclear` without the service | 50 | bchd: +100, which alone does not ban; BCHN: none |
    /// | too many inventory items, addresses, headers | 20 | BCHN: +20 |
    /// | an address, `extversion`, committed filter or block over its limits | 20 | as other counts |
    /// | `version` time before the first block | 20 | BCHN: +20 |
    /// | unrequested block | 20 | bchd disconnects; a request taken back is possible |
    /// | a message before `version` | 10 | BCHN: +10 |
    /// | unwanted transaction inventory | 10 | bchd disconnects; BCHN ignores |
    /// | invalid double spend proof | 10 | a race of two versions of one is possible |
    /// | unconnecting headers | 2 | BCHN: +20 each tenth |
    /// | duplicate `version` | 1 | BCHN: +1 |
    ///
    /// | Offence | Transient | Reason |
    /// |---|---|---|
    /// | other unrequested answers | 20 | bchd disconnects for some; an answer that comes too late is possible |
    /// | filters that are not there: committed, or of bloom to change | 20 | bchd disconnects; BCHN ignores |
    /// | invalid compact block | 20 | may be relayed before it is validated |
    /// | fee out of range, empty list of addresses | 20 | bchd disconnects; BCHN ignores |
    /// | `mempool`, `getcfmempool` | 33 | bchd: +33; honest nodes ask once |
    /// | `getblocktxn` | 5 | bchd: +33, which four blocks in a burst reach without harm meant |
    /// | 50,000 entries of `getdata` | 5 | bchd: +99, which a peer that fills its memory pool reaches |
    ///
    /// More of `getdata` is bounded better by what waits: its replies are made only as far as the peer reads them.
    public static func defaultWeight(of offence: Offence) -> Weight {
        switch offence {
        case .wrongMagic, .checksumMismatch, .filterWithoutBloomService, .bloomFilterTooLong,
            .tooManyBloomHashFunctions, .bloomElementTooLong, .compactBlockIndexOutOfRange, .invalidHeader,
            .invalidBlock, .invalidFilteredBlock, .invalidTransaction, .invalidCommittedFilter:
            Weight(persistent: 100)
        case .filterClearWithoutBloomService: Weight(persistent: 50)
        case .tooManyInventoryItems, .tooManyAddresses, .addressV2TooLong, .tooManyHeaders, .extendedVersionTooLong,
            .tooManyExtendedVersionEntries, .tooManyBlockTransactions, .committedFilterTooLong,
            .tooManyCommittedFilterHashes, .tooManyCommittedFilterCheckpoints, .versionTimeBeforeGenesis,
            .unrequestedBlock:
            Weight(persistent: 20)
        case .messageBeforeVersion, .unwantedTransactionInventory, .invalidDoubleSpendProof: Weight(persistent: 10)
        case .unconnectingHeaders: Weight(persistent: 2)
        case .duplicateVersion: Weight(persistent: 1)

        case .unrequestedHeaders, .unrequestedFilteredBlock, .unrequestedCompactBlock, .unrequestedBlockTransactions,
            .unrequestedCommittedFilter, .committedFilterRequestWithoutService, .filterAddWithoutFilter,
            .filterClearWithoutFilter, .invalidCompactBlock, .feeFilterOutOfRange, .emptyAddressList:
            Weight(transient: 20)
        case .manyMempoolRequests, .manyCommittedFilterMempoolRequests: Weight(transient: 33)
        case .manyBlockTransactionRequests, .manyDataRequests: Weight(transient: 5)

        case .malformedCommand, .unknownCommand, .payloadTooLong, .truncatedPayload, .trailingBytes,
            .malformedPayload, .messageNotInVersion, .messageBeforeVerack, .duplicateVerack, .duplicateXVersion,
            .lateSendAddressesV2, .lateExtendedVersion, .mempoolWithoutBloomService, .addressesV2NotNegotiated,
            .repeatedGetAddresses, .headersWithTransactionCount, .requestForPrunedBlock, .tooManyLocatorHashes,
            .longLocator, .userAgentTooLong, .rejectCommandTooLong, .rejectReasonTooLong, .compactSizeTooLarge,
            .committedFilterRangeTooLong:
            .none
        }
    }
}
