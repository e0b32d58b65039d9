import PeerSession
import PeerWire

/// Facts of one message of each kind, and of commands without a kind.
enum FactSamples {
    static let unknown = Command(literal: "wtxidrelay")
    static let custom = Command(literal: "mycommand")

    static func hash(_ number: UInt64) -> Hash256 {
        Hash256(word0: number, word1: 2, word2: 3, word3: 4)
    }

    static func items(_ kind: InventoryKind, _ count: Int = 1) -> [InventoryVector] {
        (0..<count).map { InventoryVector(kind: kind, hash: hash(UInt64($0) + 100)) }
    }

    static func inventory(_ kind: InventoryKind, _ count: Int = 1) -> InventoryFacts {
        InventoryFacts(items(kind, count))
    }

    /// The facts of a received message of this kind that is in order.
    static func facts(_ kind: MessageKind) -> MessageFacts {
        switch kind {
        case .version: .version(.sample())
        case .verack: .verack
        case .ping: .ping(nonce: 9, checksum: 5)
        case .pong: .pong(nonce: 9)
        case .getAddresses: .getAddresses
        case .addresses: .addresses(count: 1)
        case .addressesV2: .addressesV2(count: 1)
        case .inventory: .inventory(inventory(.transaction))
        case .getData: .getData(inventory(.block))
        case .notFound: .notFound(inventory(.transaction))
        case .reject: .reject
        case .getHeaders: .getHeaders(BlockRange(first: hash(1)))
        case .getBlocks: .getBlocks(BlockRange(first: hash(1), stop: hash(2)))
        case .headers: .headers(count: 2)
        case .transaction: .transaction(hash(3))
        case .block: .block(hash(4))
        case .merkleBlock: .merkleBlock(hash(5))
        case .compactBlock: .compactBlock(hash(6))
        case .getBlockTransactions: .getBlockTransactions
        case .blockTransactions: .blockTransactions
        case .doubleSpendProof: .doubleSpendProof(hash(7))
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact(SendCompactMessage(highBandwidth: true))
        case .feeFilter: .feeFilter(rate: 1_000)
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
        }
    }

    /// One of each kind, then a custom and an unknown command.
    static let all: [MessageFacts] = MessageKind.allCases.map(facts) + [.custom(custom), .unknown(unknown)]

    /// Those that are postponed while too much waits to be sent, on a node with the bloom service.
    static let requests: [MessageFacts] = [
        MessageKind.ping, .getData, .getBlocks, .getHeaders, .getBlockTransactions, .getAddresses, .mempool,
        .getCommittedFilters, .getCommittedFilterHeaders, .getCommittedFilterCheckpoints, .getCommittedFilterMempool,
    ].map(facts)
}
