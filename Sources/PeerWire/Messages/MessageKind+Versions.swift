extension MessageKind {
    /// The lowest protocol version at which the message may be sent and is read, or `nil` when there is none.
    /// Source: `PROTOCOL` 3, 4.1.
    public var minimumVersion: ProtocolVersion? {
        switch self {
        case .version, .verack, .ping, .getAddresses, .addresses, .inventory, .getData, .notFound, .getHeaders,
            .headers, .transaction, .block, .sendAddressesV2, .extendedVersion, .xVersion, .xVerack, .addressesV2,
            .getBlocks, .getCommittedFilters, .committedFilter, .getCommittedFilterHeaders, .committedFilterHeaders,
            .getCommittedFilterCheckpoints, .committedFilterCheckpoints, .getCommittedFilterMempool, .doubleSpendProof:
            nil
        case .pong: ProtocolVersion(rawValue: ProtocolVersion.pingNonce.rawValue + 1)
        case .reject: .reject
        case .sendHeaders: .sendHeaders
        case .feeFilter: .feeFilter
        case .sendCompact, .compactBlock, .getBlockTransactions, .blockTransactions: .compactBlocks
        case .mempool: .mempool
        case .filterLoad, .filterAdd, .filterClear, .merkleBlock: .bloomFilter
        }
    }
}
