import PeerWire
import Testing

@Suite struct CommandTests {
    static let names: [(Command, String)] = [
        (.version, "version"), (.verack, "verack"), (.ping, "ping"), (.pong, "pong"), (.getAddresses, "getaddr"),
        (.addresses, "addr"), (.inventory, "inv"), (.reject, "reject"), (.getData, "getdata"),
        (.notFound, "notfound"), (.getHeaders, "getheaders"), (.headers, "headers"), (.transaction, "tx"),
        (.block, "block"), (.sendHeaders, "sendheaders"), (.sendCompact, "sendcmpct"), (.feeFilter, "feefilter"),
        (.sendAddressesV2, "sendaddrv2"),
        (.extendedVersion, "extversion"),
        (.xVersion, "xversion"),
        (.xVerack, "xverack"),
        (.addressesV2, "addrv2"),
        (.getBlocks, "getblocks"),
        (.mempool, "mempool"),
        (.filterLoad, "filterload"),
        (.filterAdd, "filteradd"),
        (.filterClear, "filterclear"),
        (.merkleBlock, "merkleblock"),
        (.compactBlock, "cmpctblock"),
        (.getBlockTransactions, "getblocktxn"),
        (.blockTransactions, "blocktxn"),
        (.getCommittedFilters, "getcfilters"),
        (.committedFilter, "cfilter"),
        (.getCommittedFilterHeaders, "getcfheaders"),
        (.committedFilterHeaders, "cfheaders"),
        (.getCommittedFilterCheckpoints, "getcfcheckpt"),
        (.committedFilterCheckpoints, "cfcheckpt"),
        (.getCommittedFilterMempool, "getcfmempool"),
        (.doubleSpendProof, "dsproof-beta"),
    ]

    @Test(arguments: names) func constantIsItsText(_ command: Command, _ name: String) {
        #expect(command.description == name)
        #expect(Command(name) == command)
        #expect(Command(literal: "dsproof-beta") == .doubleSpendProof)
        #expect(command.bytes == Array(name.utf8) + [UInt8](repeating: 0, count: 12 - name.utf8.count))
        #expect(command.isWellFormed)
    }

    @Test(arguments: MessageKind.allCases) func kindAndCommandAgree(_ kind: MessageKind) {
        #expect(MessageKind(kind.command) == kind)
        #expect(Self.names.contains { $0.0 == kind.command })
    }

    @Test func twelveBytesNeedNoTerminator() {
        #expect(Command("dsproof-beta")?.isWellFormed == true)
        #expect(Command("dsproof-betas") == nil)
        #expect(Command("") == nil)
    }

    @Test func oddCommandsAreSafeToShow() {
        let interior = Command(low: 0x70_0076, high: 0)
        #expect(!interior.isWellFormed)
        #expect(interior.description == "v\\x00p")
        #expect(MessageKind(interior) == nil)
        #expect(interior.isReadable && Command(low: 0, high: 0).isReadable && Command.version.isReadable)
        #expect(!Command(low: 0x1f, high: 0).isReadable && !Command(low: 0, high: 0x7f00_0000).isReadable)
        #expect(!Command(low: 0xff, high: 0).isWellFormed)
        #expect(!Command(low: 0, high: 0).isWellFormed)
    }
}
