public import PeerWire

extension Offence {
    /// The offence that a message where it must not be is.
    public init(_ violation: ProtocolViolation, command: Command) {
        self =
            switch violation {
            case .beforeVersion: .messageBeforeVersion
            case .beforeVerack: .messageBeforeVerack
            case .duplicateVersion: .duplicateVersion
            case .duplicateVerack: .duplicateVerack
            case .duplicateXVersion: .duplicateXVersion
            case .withoutBloomService:
                // They are not alike: see `PROTOCOL` 5.7.
                switch MessageKind(command) {
                case .mempool: .mempoolWithoutBloomService
                case .filterClear: .filterClearWithoutBloomService
                default: .filterWithoutBloomService
                }
            }
    }

    /// The offence that a frame refused by the codec is.
    public init(_ refusal: FrameRefusal, command: Command) {
        self =
            switch refusal {
            case .wrongMagic: .wrongMagic
            case .malformedCommand: .malformedCommand
            case .payloadTooLong: Self.tooLong(command)
            case .checksumMismatch: .checksumMismatch
            case .truncated: .truncatedPayload
            case .limitExceeded: Self.overLimit(command)
            case .trailingBytes: .trailingBytes
            case .notInThisVersion: .messageNotInVersion
            case .malformed: .malformedPayload
            }
    }

    /// What a payload over its limit is: of messages that are one field of bytes, that field is too long. Of the
    /// others, whose bytes were not read, nothing more is known.
    private static func tooLong(_ command: Command) -> Offence {
        switch MessageKind(command) {
        case .extendedVersion, .xVersion: .extendedVersionTooLong
        case .filterLoad: .bloomFilterTooLong
        case .filterAdd: .bloomElementTooLong
        case .committedFilter: .committedFilterTooLong
        case .version, .verack, .ping, .pong, .getAddresses, .addresses, .addressesV2, .inventory, .reject, .getData,
            .notFound, .getHeaders, .getBlocks, .headers, .transaction, .block, .sendHeaders, .sendCompact, .feeFilter,
            .sendAddressesV2, .xVerack, .mempool, .filterClear, .merkleBlock, .compactBlock, .getBlockTransactions,
            .blockTransactions, .getCommittedFilters, .getCommittedFilterHeaders, .committedFilterHeaders,
            .getCommittedFilterCheckpoints, .committedFilterCheckpoints, .getCommittedFilterMempool,
            .doubleSpendProof, nil:
            .payloadTooLong
        }
    }

    /// What a count or length over its limit is: of messages with several limits, the one that is left when the whole
    /// payload is within its own, or else the first.
    private static func overLimit(_ command: Command) -> Offence {
        switch MessageKind(command) {
        case .inventory, .getData, .notFound: .tooManyInventoryItems
        case .addresses, .addressesV2: .tooManyAddresses
        case .headers: .tooManyHeaders
        case .getHeaders, .getBlocks: .tooManyLocatorHashes
        // A filter over its limit makes the payload too long.
        case .filterLoad: .tooManyBloomHashFunctions
        case .filterAdd: .bloomElementTooLong
        case .version: .userAgentTooLong
        // The command comes first, and is rarely wrong.
        case .reject: .rejectReasonTooLong
        case .extendedVersion, .xVersion: .tooManyExtendedVersionEntries
        case .block, .merkleBlock, .compactBlock, .getBlockTransactions, .blockTransactions: .tooManyBlockTransactions
        case .committedFilter: .committedFilterTooLong
        case .committedFilterHeaders: .tooManyCommittedFilterHashes
        case .committedFilterCheckpoints: .tooManyCommittedFilterCheckpoints
        // The rest has no lists but of transactions and proofs, bounded by what a CompactSize may be.
        case .verack, .ping, .pong, .getAddresses, .transaction, .sendHeaders, .sendCompact, .feeFilter,
            .sendAddressesV2, .xVerack, .mempool, .filterClear, .getCommittedFilters, .getCommittedFilterHeaders,
            .getCommittedFilterCheckpoints, .getCommittedFilterMempool, .doubleSpendProof, nil:
            .compactSizeTooLarge
        }
    }
}
