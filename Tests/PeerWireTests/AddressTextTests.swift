import Testing

@testable import PeerWire

@Suite struct AddressTextTests {
    private static let torV3 = "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"
    private static let i2p = "eaqseizeeutcokbjfivsyljof4ydcmrtgq2tmnzyhe5dwpb5hy7q.b32.i2p"

    static let texts: [(AddressNetwork, String)] = [
        (.ipv4, "203.0.113.7:8333"), (.ipv6, "[2a02:1234:5678::1]:8333"), (.torV2, "6hzph5hv6337r6p2.onion:8333"),
        (.torV3, torV3 + ":8333"), (.i2p, i2p + ":0"), (.cjdns, "[fc00:1:2:3:4:5:6:7]:8333"),
    ]

    @Test func theExampleReadsAndShowsAsItsTexts() throws {
        let payload = Array(Examples.addressesV2.dropFirst(24))
        let entries = try decodePayload(AddressesV2Message.self, payload).addresses
        for (entry, (network, text)) in zip(entries, Self.texts) {
            #expect(entry.network == network)
            #expect(entry.description == text)
            let services = Services(rawValue: 0x425)
            #expect(PeerAddress(text, time: 1_735_689_600, services: services, defaultPort: nil) == entry)
            #expect(PeerAddress(text.uppercased(), time: entry.time, services: services, defaultPort: 1) == entry)
            #expect(PeerAddress(text)?.hostBytes == entry.hostBytes)
            #expect(PeerAddress(entry.hostText, defaultPort: entry.port)?.description == text)
        }
    }

    /// Names of services that exist, as their operators publish them.
    @Test(arguments: [
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion:80",
        "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:80",
    ])
    func publishedTorNames(_ text: String) {
        #expect(PeerAddress(text)?.network == .torV3)
        #expect(PeerAddress(text)?.description == text)
    }

    @Test func aTorNameWithAWrongChecksumOrVersionIsRefused() {
        let name = Array(Self.torV3.utf8)
        var refused = 0
        for place in 0..<56 {
            for digit in Array("abcdefghijklmnopqrstuvwxyz234567".utf8) where digit != name[place] {
                var other = name
                other[place] = digit
                if PeerAddress(String(decoding: other, as: UTF8.self) + ":1") == nil { refused += 1 }
            }
        }
        // Of those with another key and 16 bits of checksum, one in 65,536 would be right by chance.
        #expect(refused == 56 * 31)
    }

    static let ipv6: [(String, String)] = [
        ("::", "00000000000000000000000000000000"), ("::1", "00000000000000000000000000000001"),
        ("1::", "00010000000000000000000000000000"), ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
        ("1:2:3:4:5:6:7::", "00010002000300040005000600070000"),
        ("::2:3:4:5:6:7:8", "00000002000300040005000600070008"),
        ("2001:DB8::8:800:200C:417A", "20010db80000000000080800200c417a"),
        ("1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"), ("::1.2.3.4", "00000000000000000000000001020304"),
        ("64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"),
        ("0001:0:0:0:0:0:0:00ff", "000100000000000000000000000000ff"),
        ("::ffff:203.0.113.7", "00000000000000000000ffffcb007107"),
        ("::FFFF:cb00:7107", "00000000000000000000ffffcb007107"),
        ("1::255.255.255.255", "000100000000000000000000ffffffff"),
        ("1111:2222:3333:4444:5555:6666:255.255.255.255", "111122223333444455556666ffffffff"),
    ]

    @Test(arguments: ipv6) func formsOfIPv6(_ text: String, _ bytes: String) {
        #expect(NetworkAddress("[\(text)]:8333")?.bytes == hex(bytes))
        #expect(NetworkAddress("[\(text)]:8333")?.port == 8333)
        #expect(NetworkAddress(text, defaultPort: 7)?.bytes == hex(bytes))
        #expect(NetworkAddress("[\(text)]", defaultPort: 7)?.port == 7)
    }

    @Test(arguments: [
        "", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:::2", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
        "1:2:3:4::5:6:7:8", "12345::", "g::", "::1%eth0", "fe80::1%1", "1.2.3.4::", "::1.2.3.4:5", "::1.2.3",
        "::1.2.3.256",
        "::01.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4", " ::1", "::1 ", "::-1", "::+1", "::0x1", "[::1]", "::1/64",
        "1",
        "0000001::", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "１::",
    ])
    func textsThatAreNoIPv6(_ text: String) {
        #expect(NetworkAddress("[\(text)]:8333") == nil)
        #expect(PeerAddress("[\(text)]:8333") == nil)
    }

    @Test(arguments: [
        "", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1", "1.2.3.4:01", "1.2.3.4: 1",
        "1.2.3.4:1 ", " 1.2.3.4:1", "1.2.3:1", "1.2.3.4.5:1", "256.1.1.1:1", "01.2.3.4:1", "1..3.4:1", "1.2.3.4.:1",
        "1.2.3.4:1:1", "1.2.3.4:100000", "1.2.3.4:99999999999999999999", "0x1.2.3.4:1", "1.2.3.a:1", "[::1]", "[::1]:",
        "[::1",
        "::1]:1", "::1:8333x", "[::1]8333", "[[::1]]:1", "[]:1", "localhost:1", "example.com:8333", "[1.2.3.4]:1",
        "1.2.3.4:٣", ".onion:1", ".b32.i2p:1", "6hzph5hv6337r6p.onion:1", "6hzph5hv6337r6p22.onion:1",
        "6hzph5hv6337r6p1.onion:1",
        "[6hzph5hv6337r6p2.onion]:1", "6hzph5hv6337r6p2.onion", "6hzph5hv6337r6p2.onion.:1",
        "x.6hzph5hv6337r6p2.onion:1",
        "eaqseizeeutcokbjfivsyljof4ydcmrtgq2tmnzyhe5dwpb5hy7r.b32.i2p:0",
        "eaqseizeeutcokbjfivsyljof4ydcmrtgq2tmnzyhe5dwpb5hy7.b32.i2p:0",
        "eaqseizeeutcokbjfivsyljof4ydcmrtgq2tmnzyhe5dwpb5hy7q====.b32.i2p:0",
    ])
    func textsThatAreNoAddress(_ text: String) {
        #expect(PeerAddress(text) == nil)
        #expect(NetworkAddress(text) == nil)
    }

    @Test func thePortMayBeLeftOutWhereThereIsADefault() {
        for host in ["1.2.3.4", "::1", "[::1]", "6hzph5hv6337r6p2.onion", Self.torV3, Self.i2p] {
            #expect(PeerAddress(host) == nil)
            #expect(PeerAddress(host, defaultPort: 8333)?.port == 8333)
        }
        #expect(PeerAddress("1.2.3.4:5", defaultPort: 8333)?.port == 5)
        #expect(PeerAddress("1.2.3.4:", defaultPort: 8333) == nil)
        #expect(PeerAddress("[1.2.3.4]", defaultPort: 8333) == nil)
        #expect(PeerAddress("", defaultPort: 8333) == nil)
    }

    @Test func embeddedAddressesGoByTheirOwnNetwork() {
        #expect(PeerAddress("[::ffff:1.2.3.4]:1")?.description == "1.2.3.4:1")
        #expect(PeerAddress("[fd87:d87e:eb43:f1f2:f3f4:f5f6:f7f8:f9fa]:1")?.description == "6hzph5hv6337r6p2.onion:1")
        #expect(PeerAddress("[fc00::1]:1")?.network == .cjdns)
        #expect(PeerAddress("[fd00::1]:1")?.network == .ipv6)
        let onion = NetworkAddress("6hzph5hv6337r6p2.onion:8333")
        #expect(onion?.bytes == hex("fd87d87eeb43f1f2f3f4f5f6f7f8f9fa"))
        #expect(onion?.isOnion == true)
        #expect(onion?.description == "6hzph5hv6337r6p2.onion:8333")
        #expect(NetworkAddress(Self.torV3 + ":1") == nil)
        #expect(NetworkAddress(Self.i2p + ":1") == nil)
    }

    @Test func unknownNetworksHaveATextThatIsNotRead() throws {
        let address = try #require(
            PeerAddress(network: AddressNetwork(rawValue: 9), hostBytes: [0xca, 0xfe], port: 1))
        #expect(address.description == "network-9-cafe:1")
        #expect(PeerAddress(address.description) == nil)
        #expect(AddressNetwork(rawValue: 9).description == "network 9")
    }

    @Test func conversions() throws {
        let services = Services(rawValue: 0x425)
        for (network, text) in Self.texts {
            let address = try #require(PeerAddress(text, time: 5, services: services, defaultPort: nil))
            switch network {
            case .ipv4, .ipv6, .torV2:
                let entry = try #require(address.timestampedAddress)
                #expect(entry.time == 5)
                #expect(entry.address.services == services)
                #expect(entry.address.description == text)
                #expect(PeerAddress(entry) == address)
                #expect(PeerAddress(entry.address, time: 5) == address)
                #expect(address.networkAddress == entry.address)
            default:
                #expect(address.networkAddress == nil)
                #expect(address.timestampedAddress == nil)
            }
        }
        for host in ["00000000000000000000ffff01020304", "fd87d87eeb43f1f2f3f4f5f6f7f8f9fa"] {
            #expect(PeerAddress(network: .ipv6, hostBytes: hex(host), port: 1)?.networkAddress == nil)
        }
        #expect(PeerAddress(NetworkAddress.unspecified).network == .ipv6)
        #expect(PeerAddress(NetworkAddress.unspecified).networkAddress == .unspecified)
    }

    @Test func randomAddressesComeBackFromTheirText() throws {
        var random = SeededGenerator(state: 42)
        for _ in 0..<500 {
            let port = UInt16(truncatingIfNeeded: random.next())
            for network in UInt8(1)...6 {
                let network = AddressNetwork(rawValue: network)
                var host = random.bytes(try #require(network.hostByteCount))
                if network == .cjdns { host[0] = 0xfc }
                if network == .ipv6 {
                    host[0] = 0x20
                    for place in host.indices.dropFirst() where Bool.random(using: &random) { host[place] = 0 }
                }
                let address = try #require(PeerAddress(network: network, hostBytes: host, port: port))
                #expect(PeerAddress(address.description) == address)
                if let older = address.networkAddress { #expect(NetworkAddress(older.description) == older) }
            }
        }
    }

    /// Any text is an address or none; what is one shows as a text that is the same one.
    @Test func damagedTextsAreReadAlikeOrNotAtAll() {
        var random = SeededGenerator(state: 8)
        let characters = Array("0123456789abcdef:.[]%xonion".utf8)
        for (_, text) in Self.texts + [(.ipv6, "[::1]:1"), (.ipv6, "[1::2:3.4.5.6]:77")] {
            for _ in 0..<2_000 {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch UInt8.random(in: 0...2, using: &random) {
                    case 0: bytes[place] = characters.randomElement(using: &random) ?? 0
                    case 1: bytes.insert(characters.randomElement(using: &random) ?? 0, at: place)
                    default: bytes.remove(at: place)
                    }
                }
                let damaged = String(decoding: bytes, as: UTF8.self)
                if let address = PeerAddress(damaged) { #expect(PeerAddress(address.description) == address) }
                if let address = NetworkAddress(damaged) { #expect(NetworkAddress(address.description) == address) }
            }
        }
    }
}
