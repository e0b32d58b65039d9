/// The commands this library names. The numbers are the bytes of the name, least significant first; a test spells
/// each of them out again from its text.
extension Command {
    /// `version`
    @inlinable public static var version: Command { Command(low: 0x006e6f6973726576, high: 0x00000000) }
    /// `verack`
    @inlinable public static var verack: Command { Command(low: 0x00006b6361726576, high: 0x00000000) }
    /// `ping`
    @inlinable public static var ping: Command { Command(low: 0x00000000676e6970, high: 0x00000000) }
    /// `pong`
    @inlinable public static var pong: Command { Command(low: 0x00000000676e6f70, high: 0x00000000) }
    /// `getaddr`
    @inlinable public static var getAddresses: Command { Command(low: 0x0072646461746567, high: 0x00000000) }
    /// `addr`
    @inlinable public static var addresses: Command { Command(low: 0x0000000072646461, high: 0x00000000) }
    /// `inv`
    @inlinable public static var inventory: Command { Command(low: 0x0000000000766e69, high: 0x00000000) }
    /// `reject`
    @inlinable public static var reject: Command { Command(low: 0x00007463656a6572, high: 0x00000000) }
    /// `getdata`
    @inlinable public static var getData: Command { Command(low: 0x0061746164746567, high: 0x00000000) }
    /// `notfound`
    @inlinable public static var notFound: Command { Command(low: 0x646e756f66746f6e, high: 0x00000000) }
    /// `getheaders`
    @inlinable public static var getHeaders: Command { Command(low: 0x6564616568746567, high: 0x00007372) }
    /// `headers`
    @inlinable public static var headers: Command { Command(low: 0x0073726564616568, high: 0x00000000) }
    /// `tx`
    @inlinable public static var transaction: Command { Command(low: 0x0000000000007874, high: 0x00000000) }
    /// `block`
    @inlinable public static var block: Command { Command(low: 0x0000006b636f6c62, high: 0x00000000) }
    /// `sendheaders`
    @inlinable public static var sendHeaders: Command { Command(low: 0x64616568646e6573, high: 0x00737265) }
    /// `sendcmpct`
    @inlinable public static var sendCompact: Command { Command(low: 0x63706d63646e6573, high: 0x00000074) }
    /// `feefilter`
    @inlinable public static var feeFilter: Command { Command(low: 0x65746c6966656566, high: 0x00000072) }
    /// `sendaddrv2`
    @inlinable public static var sendAddressesV2: Command { Command(low: 0x72646461646e6573, high: 0x00003276) }
    /// `extversion`
    @inlinable public static var extendedVersion: Command { Command(low: 0x6973726576747865, high: 0x00006e6f) }
    /// `xversion`
    @inlinable public static var xVersion: Command { Command(low: 0x6e6f697372657678, high: 0x00000000) }
    /// `xverack`
    @inlinable public static var xVerack: Command { Command(low: 0x006b636172657678, high: 0x00000000) }
    /// `addrv2`
    @inlinable public static var addressesV2: Command { Command(low: 0x0000327672646461, high: 0x00000000) }
    /// `getblocks`
    @inlinable public static var getBlocks: Command { Command(low: 0x6b636f6c62746567, high: 0x00000073) }
    /// `mempool`
    @inlinable public static var mempool: Command { Command(low: 0x006c6f6f706d656d, high: 0x00000000) }
    /// `filterload`
    @inlinable public static var filterLoad: Command { Command(low: 0x6f6c7265746c6966, high: 0x00006461) }
    /// `filteradd`
    @inlinable public static var filterAdd: Command { Command(low: 0x64617265746c6966, high: 0x00000064) }
    /// `filterclear`
    @inlinable public static var filterClear: Command { Command(low: 0x6c637265746c6966, high: 0x00726165) }
    /// `merkleblock`
    @inlinable public static var merkleBlock: Command { Command(low: 0x6c62656c6b72656d, high: 0x006b636f) }
    /// `cmpctblock`
    @inlinable public static var compactBlock: Command { Command(low: 0x6f6c627463706d63, high: 0x00006b63) }
    /// `getblocktxn`
    @inlinable public static var getBlockTransactions: Command { Command(low: 0x6b636f6c62746567, high: 0x006e7874) }
    /// `blocktxn`
    @inlinable public static var blockTransactions: Command { Command(low: 0x6e78746b636f6c62, high: 0x00000000) }
    /// `getcfilters`
    @inlinable public static var getCommittedFilters: Command { Command(low: 0x746c696663746567, high: 0x00737265) }
    /// `cfilter`
    @inlinable public static var committedFilter: Command { Command(low: 0x007265746c696663, high: 0x00000000) }
    /// `getcfheaders`
    @inlinable public static var getCommittedFilterHeaders: Command {
        Command(low: 0x6165686663746567, high: 0x73726564)
    }
    /// `cfheaders`
    @inlinable public static var committedFilterHeaders: Command { Command(low: 0x7265646165686663, high: 0x00000073) }
    /// `getcfcheckpt`
    @inlinable public static var getCommittedFilterCheckpoints: Command {
        Command(low: 0x6568636663746567, high: 0x74706b63)
    }
    /// `cfcheckpt`
    @inlinable public static var committedFilterCheckpoints: Command {
        Command(low: 0x706b636568636663, high: 0x00000074)
    }
    /// `getcfmempool`
    @inlinable public static var getCommittedFilterMempool: Command {
        Command(low: 0x6d656d6663746567, high: 0x6c6f6f70)
    }
    /// `dsproof-beta`
    @inlinable public static var doubleSpendProof: Command { Command(low: 0x2d666f6f72707364, high: 0x61746562) }
}
