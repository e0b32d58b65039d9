/// The commands this library has a type for, as a small number.
///
/// A kind indexes tables and bit masks (which listeners are set, limits, counts by command), so that nothing on the
/// path of a message compares text.
public enum MessageKind: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    case version
    case verack
    case ping
    case pong
    case getAddresses
    case addresses
    case inventory
    case reject
    case getData
    case notFound
    case getHeaders
    case headers
    case transaction
    case block
    case sendHeaders
    case sendCompact
    case feeFilter
    case sendAddressesV2
    case extendedVersion
    case xVersion
    case xVerack
    case addressesV2
    case getBlocks
    case mempool
    case filterLoad
    case filterAdd
    case filterClear
    case merkleBlock
    case compactBlock
    case getBlockTransactions
    case blockTransactions
    case getCommittedFilters
    case committedFilter
    case getCommittedFilterHeaders
    case committedFilterHeaders
    case getCommittedFilterCheckpoints
    case committedFilterCheckpoints
    case getCommittedFilterMempool
    case doubleSpendProof

    /// The command on the wire.
    public var command: Command {
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
        }
    }

    /// The kind of a command, or `nil` for a command that has no type here.
    @inlinable
    public init?(_ command: Command) {
        switch (command.low, command.high) {
        case (0x006e6f6973726576, 0x00000000): self = .version
        case (0x00006b6361726576, 0x00000000): self = .verack
        case (0x00000000676e6970, 0x00000000): self = .ping
        case (0x00000000676e6f70, 0x00000000): self = .pong
        case (0x0072646461746567, 0x00000000): self = .getAddresses
        case (0x0000000072646461, 0x00000000): self = .addresses
        case (0x0000000000766e69, 0x00000000): self = .inventory
        case (0x00007463656a6572, 0x00000000): self = .reject
        case (0x0061746164746567, 0x00000000): self = .getData
        case (0x646e756f66746f6e, 0x00000000): self = .notFound
        case (0x6564616568746567, 0x00007372): self = .getHeaders
        case (0x0073726564616568, 0x00000000): self = .headers
        case (0x0000000000007874, 0x00000000): self = .transaction
        case (0x0000006b636f6c62, 0x00000000): self = .block
        case (0x64616568646e6573, 0x00737265): self = .sendHeaders
        case (0x63706d63646e6573, 0x00000074): self = .sendCompact
        case (0x65746c6966656566, 0x00000072): self = .feeFilter
        case (0x72646461646e6573, 0x00003276): self = .sendAddressesV2
        case (0x6973726576747865, 0x00006e6f): self = .extendedVersion
        case (0x6e6f697372657678, 0x00000000): self = .xVersion
        case (0x006b636172657678, 0x00000000): self = .xVerack
        case (0x0000327672646461, 0x00000000): self = .addressesV2
        case (0x6b636f6c62746567, 0x00000073): self = .getBlocks
        case (0x006c6f6f706d656d, 0x00000000): self = .mempool
        case (0x6f6c7265746c6966, 0x00006461): self = .filterLoad
        case (0x64617265746c6966, 0x00000064): self = .filterAdd
        case (0x6c637265746c6966, 0x00726165): self = .filterClear
        case (0x6c62656c6b72656d, 0x006b636f): self = .merkleBlock
        case (0x6f6c627463706d63, 0x00006b63): self = .compactBlock
        case (0x6b636f6c62746567, 0x006e7874): self = .getBlockTransactions
        case (0x6e78746b636f6c62, 0x00000000): self = .blockTransactions
        case (0x746c696663746567, 0x00737265): self = .getCommittedFilters
        case (0x007265746c696663, 0x00000000): self = .committedFilter
        case (0x6165686663746567, 0x73726564): self = .getCommittedFilterHeaders
        case (0x7265646165686663, 0x00000073): self = .committedFilterHeaders
        case (0x6568636663746567, 0x74706b63): self = .getCommittedFilterCheckpoints
        case (0x706b636568636663, 0x00000074): self = .committedFilterCheckpoints
        case (0x6d656d6663746567, 0x6c6f6f70): self = .getCommittedFilterMempool
        case (0x2d666f6f72707364, 0x61746562): self = .doubleSpendProof
        default: return nil
        }
    }
}
