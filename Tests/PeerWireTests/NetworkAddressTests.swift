import PeerWire
import Testing

@Suite struct NetworkAddressTests {
    static let texts: [(String, String)] = [
        ("00000000000000000000ffffcb007107", "203.0.113.7:8333"),
        ("00000000000000000000000000000001", "[::1]:8333"),
        ("00000000000000000000000000000000", "[::]:8333"),
        ("2a021234567800000000000000000001", "[2a02:1234:5678::1]:8333"),
        ("20010db8000000010001000100010001", "[2001:db8:0:1:1:1:1:1]:8333"),
        ("20010000000000010000000000000001", "[2001:0:0:1::1]:8333"),
        ("00010000000000000002000000000000", "[1::2:0:0:0]:8333"),
        ("00010002000300040005000600070008", "[1:2:3:4:5:6:7:8]:8333"),
        ("00010002000300040005000600000000", "[1:2:3:4:5:6::]:8333"),
    ]

    @Test(arguments: texts) func textIsTheUsualOne(_ bytes: String, _ text: String) throws {
        let address = try #require(NetworkAddress(bytes: hex(bytes), port: 8333))
        #expect(address.description == text)
        #expect(address.bytes == hex(bytes))
    }

    @Test func ipv4IsMapped() {
        let address = NetworkAddress(ipv4: 1, 2, 3, 4, port: 1)
        #expect(address.bytes == hex("00000000000000000000ffff01020304"))
        #expect(address.ipv4 == 0x0102_0304)
        #expect(NetworkAddress.unspecified.ipv4 == nil)
        #expect(NetworkAddress.unspecified.isUnspecified)
        #expect(NetworkAddress(bytes: [1, 2], port: 0) == nil)
    }
}
