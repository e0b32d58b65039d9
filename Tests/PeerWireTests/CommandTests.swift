import PeerWire
import Testing

@Suite struct CommandTests {
    static let names: [(Command, String)] = [
        (.version, "version"), (.verack, "verack"), (.ping, "ping"), (.pong, "pong"), (.getAddresses, "getaddr"),
        (.addresses, "addr"), (.inventory, "inv"), (.reject, "reject"), (.getData, "getdata"),
        (.notFound, "notfound"), (.getHeaders, "getheaders"), (.headers, "headers"), (.transaction, "tx"),
        (.block, "block"), (.sendHeaders, "sendheaders"), (.sendCompact, "sendcmpct"), (.feeFilter, "feefilter"),
        (.extendedVersion, "extversion"), (.sendAddressesV2, "sendaddrv2"), (.compactBlock, "cmpctblock"),
        (.blockTransactions, "blocktxn"), (.committedFilter, "cfilter"),
    ]

    @Test(arguments: names) func constantIsItsText(_ command: Command, _ name: String) {
        #expect(command.description == name)
        #expect(Command(name) == command)
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
        #expect(!Command(low: 0xff, high: 0).isWellFormed)
        #expect(!Command(low: 0, high: 0).isWellFormed)
    }
}
