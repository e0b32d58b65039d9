public import PeerWire

extension MessageFacts {
    /// The facts of a message.
    ///
    /// - Parameters:
    ///   - message: The message, received or to be sent.
    ///   - checksum: The checksum in the frame header of a `ping`; 0 will do for anything else, or for one to be sent.
    ///   - hashes: Whether the hashes of transactions and blocks are computed. The message remembers them, so that
    ///     nobody computes them again.
    ///   - wallTime: This node's clock in seconds since 1970, which a peer's `version` is compared to.
    public init(_ message: Message, checksum: UInt32 = 0, hashes: Bool = false, wallTime: Int64 = 0) {
        self =
            switch message {
            case .version(let version): .version(VersionFacts(version, wallTime: wallTime))
            case .verack: .verack
            case .ping(let nonce): .ping(nonce: nonce, checksum: checksum)
            case .pong(let nonce): .pong(nonce: nonce)
            case .getAddresses: .getAddresses
            case .addresses(let list): .addresses(count: list.addresses.count)
            case .addressesV2(let list): .addressesV2(count: list.addresses.count)
            case .inventory(let list): .inventory(InventoryFacts(list.items))
            case .getData(let list): .getData(InventoryFacts(list.items))
            case .notFound(let list): .notFound(InventoryFacts(list.items))
            case .reject: .reject
            case .getHeaders(let request): .getHeaders(BlockRange(request))
            case .getBlocks(let request): .getBlocks(BlockRange(request))
            case .headers(let list): .headers(count: list.headers.count)
            case .transaction(let transaction): .transaction(hashes ? transaction.hash() : nil)
            case .block(let block): .block(hashes ? block.hash() : nil)
            case .merkleBlock(let block): .merkleBlock(hashes ? block.header.hash() : nil)
            case .compactBlock(let block): .compactBlock(hashes ? block.header.hash() : nil)
            case .getBlockTransactions: .getBlockTransactions
            case .blockTransactions: .blockTransactions
            case .doubleSpendProof(let proof): .doubleSpendProof(hashes ? proof.id : nil)
            case .sendHeaders: .sendHeaders
            case .sendCompact(let wish): .sendCompact(wish)
            case .feeFilter(let rate): .feeFilter(rate: rate)
            case .sendAddressesV2: .sendAddressesV2
            case .extendedVersion: .extendedVersion
            case .xVersion: .xVersion
            case .xVerack: .xVerack
            case .mempool: .mempool
            case .filterLoad: .filterLoad
            case .filterAdd: .filterAdd
            case .filterClear: .filterClear
            case .getCommittedFilters: .getCommittedFilters
            case .committedFilter: .committedFilter
            case .getCommittedFilterHeaders: .getCommittedFilterHeaders
            case .committedFilterHeaders: .committedFilterHeaders
            case .getCommittedFilterCheckpoints: .getCommittedFilterCheckpoints
            case .committedFilterCheckpoints: .committedFilterCheckpoints
            case .getCommittedFilterMempool: .getCommittedFilterMempool
            case .custom(let custom): .custom(custom.command)
            case .unknown(let command, _): .unknown(command)
            }
    }

    /// The kind of the message, `nil` for the application's own and for unknown commands.
    public var kind: MessageKind? {
        switch self {
        case .version: .version
        case .verack: .verack
        case .ping: .ping
        case .pong: .pong
        case .getAddresses: .getAddresses
        case .addresses: .addresses
        case .addressesV2: .addressesV2
        case .inventory: .inventory
        case .getData: .getData
        case .notFound: .notFound
        case .reject: .reject
        case .getHeaders: .getHeaders
        case .getBlocks: .getBlocks
        case .headers: .headers
        case .transaction: .transaction
        case .block: .block
        case .merkleBlock: .merkleBlock
        case .compactBlock: .compactBlock
        case .getBlockTransactions: .getBlockTransactions
        case .blockTransactions: .blockTransactions
        case .doubleSpendProof: .doubleSpendProof
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact
        case .feeFilter: .feeFilter
        case .sendAddressesV2: .sendAddressesV2
        case .extendedVersion: .extendedVersion
        case .xVersion: .xVersion
        case .xVerack: .xVerack
        case .mempool: .mempool
        case .filterLoad: .filterLoad
        case .filterAdd: .filterAdd
        case .filterClear: .filterClear
        case .getCommittedFilters: .getCommittedFilters
        case .committedFilter: .committedFilter
        case .getCommittedFilterHeaders: .getCommittedFilterHeaders
        case .committedFilterHeaders: .committedFilterHeaders
        case .getCommittedFilterCheckpoints: .getCommittedFilterCheckpoints
        case .committedFilterCheckpoints: .committedFilterCheckpoints
        case .getCommittedFilterMempool: .getCommittedFilterMempool
        case .custom, .unknown: nil
        }
    }

    /// The command on the wire.
    public var command: Command {
        switch self {
        case .custom(let command), .unknown(let command): command
        // Every other case has a kind.
        default: kind?.command ?? Command(low: 0, high: 0)
        }
    }
}

extension MessageFacts {
    /// True when a session looks into the payloads of this kind, so that they have to be decoded whether anybody
    /// listens or not.
    public static func arePayloadsRead(of kind: MessageKind?) -> Bool {
        switch kind {
        case .version, .ping, .pong, .addresses, .addressesV2, .inventory, .getData, .notFound, .getHeaders,
            .getBlocks, .sendCompact, .feeFilter:
            true
        case .verack, .getAddresses, .reject, .headers, .transaction, .block, .sendHeaders, .sendAddressesV2,
            .extendedVersion, .xVersion, .xVerack, .mempool, .filterLoad, .filterAdd, .filterClear, .merkleBlock,
            .compactBlock, .getBlockTransactions, .blockTransactions, .getCommittedFilters, .committedFilter,
            .getCommittedFilterHeaders, .committedFilterHeaders, .getCommittedFilterCheckpoints,
            .committedFilterCheckpoints, .getCommittedFilterMempool, .doubleSpendProof, nil:
            false
        }
    }

    /// The facts of a message whose payload was not decoded, as when it is long and nobody listens: its kind alone.
    ///
    /// - Parameters:
    ///   - kind: The kind, `nil` for a command without one. Not one of ``arePayloadsRead(of:)``, which is a programming
    ///     error and traps.
    ///   - command: The command.
    public init(undecoded kind: MessageKind?, command: Command) {
        switch kind {
        case .version, .ping, .pong, .addresses, .addressesV2, .inventory, .getData, .notFound, .getHeaders,
            .getBlocks, .sendCompact, .feeFilter:
            preconditionFailure("a message that the session reads was not decoded")
        case .verack: self = .verack
        case .getAddresses: self = .getAddresses
        case .reject: self = .reject
        case .headers: self = .headers(count: 0)
        case .transaction: self = .transaction(nil)
        case .block: self = .block(nil)
        case .merkleBlock: self = .merkleBlock(nil)
        case .compactBlock: self = .compactBlock(nil)
        case .getBlockTransactions: self = .getBlockTransactions
        case .blockTransactions: self = .blockTransactions
        case .doubleSpendProof: self = .doubleSpendProof(nil)
        case .sendHeaders: self = .sendHeaders
        case .sendAddressesV2: self = .sendAddressesV2
        case .extendedVersion: self = .extendedVersion
        case .xVersion: self = .xVersion
        case .xVerack: self = .xVerack
        case .mempool: self = .mempool
        case .filterLoad: self = .filterLoad
        case .filterAdd: self = .filterAdd
        case .filterClear: self = .filterClear
        case .getCommittedFilters: self = .getCommittedFilters
        case .committedFilter: self = .committedFilter
        case .getCommittedFilterHeaders: self = .getCommittedFilterHeaders
        case .committedFilterHeaders: self = .committedFilterHeaders
        case .getCommittedFilterCheckpoints: self = .getCommittedFilterCheckpoints
        case .committedFilterCheckpoints: self = .committedFilterCheckpoints
        case .getCommittedFilterMempool: self = .getCommittedFilterMempool
        case nil: self = .unknown(command)
        }
    }
}
