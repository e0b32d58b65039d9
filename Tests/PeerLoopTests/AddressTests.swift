import PeerLoop
import Testing

@Suite(.timeLimit(.minutes(2))) struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1:8333", "127.0.0.1:8333"),
        ("203.0.113.7:0", "203.0.113.7:0"),
        ("[::1]:65535", "[::1]:65535"),
        ("[2001:db8:0:0:0:0:0:1]:18444", "[2001:db8::1]:18444"),
        ("[::ffff:1.2.3.4]:5", "[::ffff:1.2.3.4]:5"),
    ])
    func readsAndPrints(text: String, canonical: String) throws {
        #expect(try SocketAddress(text).description == canonical)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:8x",
        "::1:8333", "[::1", "[::1]", "[::1]8333", "[]:1", ":8333",
    ])
    func refusesWhatIsNotAnAddress(text: String) {
        #expect(throws: AddressError.malformed(text)) { try SocketAddress(text) }
    }

    @Test func refusesNames() {
        #expect(throws: AddressError.notNumeric("localhost")) { try SocketAddress("localhost:1") }
        #expect(throws: AddressError.notNumeric("256.0.0.1")) { try SocketAddress("256.0.0.1:1") }
    }

    @Test func takesADefaultPort() throws {
        #expect(try SocketAddress("127.0.0.1", defaultPort: 8333).port == 8333)
        #expect(try SocketAddress("[::1]", defaultPort: 8333).port == 8333)
    }

    @Test func resolvesNumbersAndNames() throws {
        #expect(try SocketAddress.resolve(HostAndPort("127.0.0.1:9")) == [SocketAddress("127.0.0.1:9")])
        #expect(try SocketAddress.resolve(HostAndPort("localhost:9")).allSatisfy { $0.isLoopback && $0.port == 9 })
        #expect(throws: AddressError.self) { try SocketAddress.resolve(HostAndPort("no-such-host.invalid:9")) }
    }

    @Test func givesMappedBytes() throws {
        let mapped = try SocketAddress("1.2.3.4:5").mappedBytes
        #expect(mapped == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4])
        let six = try SocketAddress("[2a02::1]:5").mappedBytes
        #expect(six == [0x2a, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    }
}
