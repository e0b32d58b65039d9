import Testing

@testable import PeerWire

@Suite struct PeerAddressTests {
    private static let payload = Array(Examples.addressesV2.dropFirst(24))

    private static func entry(_ network: UInt8, _ host: [UInt8], services: String = "00") -> [UInt8] {
        hex("01020304") + hex(services) + [network] + CompactSize.encode(UInt64(host.count)) + host + hex("208d")
    }

    private static func list(_ entries: [[UInt8]]) -> [UInt8] {
        CompactSize.encode(UInt64(entries.count)) + entries.flatMap { $0 }
    }

    private static func decode(_ bytes: [UInt8], limits: WireLimits = WireLimits()) throws -> AddressesV2Message {
        try decodePayload(AddressesV2Message.self, bytes, limits: limits)
    }

    @Test func theExampleHasSixEntries() throws {
        let message = try Self.decode(Self.payload)
        #expect(message.addresses.map(\.network) == [.ipv4, .ipv6, .torV2, .torV3, .i2p, .cjdns])
        #expect(message.addresses.map(\.port) == [8333, 8333, 8333, 8333, 0, 8333])
        #expect(message.addresses.allSatisfy { $0.time == 1_735_689_600 && $0.services.rawValue == 0x425 })
        #expect(message.addresses.map(\.hostByteCount) == [4, 16, 10, 32, 32, 16])
        #expect(message.addresses[0].hostBytes == [203, 0, 113, 7])
        #expect(message.addresses[3].hostBytes == (0..<32).map { UInt8($0) })
        #expect(message.addresses.allSatisfy { !$0.isMisembedded })
        #expect(try encodePayload(message) == Self.payload)
    }

    @Test func aCutPayloadIsRefused() {
        for length in 0..<Self.payload.count {
            #expect(throws: DecodeError.self) { try Self.decode(Array(Self.payload.prefix(length))) }
        }
    }

    @Test func aKnownNetworkWithAnotherLengthFailsTheMessage() throws {
        for network in UInt8(1)...6 {
            let needed = try #require(AddressNetwork(rawValue: network).hostByteCount)
            for length in [0, 1, needed - 1, needed + 1, 33, 512] {
                let host = [UInt8](repeating: 7, count: length)
                let error = #expect(throws: DecodeError.self) {
                    try Self.decode(Self.list([Self.entry(1, [1, 2, 3, 4]), Self.entry(network, host)]))
                }
                #expect(error?.field == "address host")
                #expect(error?.offset == 1 + 13 + 6)
                guard case .malformed = error?.reason else {
                    Issue.record("\(network) \(length): \(String(describing: error))")
                    continue
                }
                #expect(PeerAddress(network: AddressNetwork(rawValue: network), hostBytes: host, port: 1) == nil)
            }
        }
    }

    @Test func unknownNetworksAreKeptWithAnyLength() throws {
        var random = SeededGenerator(state: 7)
        for length in Array(0...40) + [252, 253, 511, 512] {
            for network in [UInt8(0), 7, 0xff] {
                let host = random.bytes(length)
                let bytes = Self.list([Self.entry(network, host), Self.entry(1, [1, 2, 3, 4])])
                let message = try Self.decode(bytes)
                #expect(message.addresses[0].hostBytes == host)
                #expect(message.addresses[0].hostByteCount == length)
                #expect(message.addresses[0].network.rawValue == network)
                #expect(message.addresses[1].network == .ipv4)
                #expect(try encodePayload(message) == bytes)
            }
        }
    }

    @Test func hostsOverTheLimitAreRefused() throws {
        let error = #expect(throws: DecodeError.self) {
            try Self.decode(Self.list([Self.entry(9, [UInt8](repeating: 0, count: 513))]))
        }
        #expect(error?.reason == .limitExceeded(value: 513, limit: 512))
        let long = try #require(
            PeerAddress(
                network: AddressNetwork(rawValue: 9), hostBytes: [UInt8](repeating: 0, count: 513), port: 0))
        #expect(throws: EncodeError.limitExceeded(field: "address host", value: 513, limit: 512)) {
            try encodePayload(AddressesV2Message([long]))
        }
        var tight = WireLimits()
        tight.maxAddressV2Length = -1
        #expect(throws: DecodeError.self) { try Self.decode(Self.list([Self.entry(9, [1])]), limits: tight) }
    }

    @Test func countsAtTheLimitAndOneOver() throws {
        let one = Self.entry(1, [1, 2, 3, 4])
        let most = Self.list([[UInt8]](repeating: one, count: 1_000))
        let message = try Self.decode(most)
        #expect(message.addresses.count == 1_000)
        #expect(try encodePayload(message) == most)
        let error = #expect(throws: DecodeError.self) {
            try Self.decode(Self.list([[UInt8]](repeating: one, count: 1_001)))
        }
        #expect(error?.reason == .limitExceeded(value: 1_001, limit: 1_000))
        #expect(throws: EncodeError.self) {
            try encodePayload(AddressesV2Message(message.addresses + message.addresses.prefix(1)))
        }
    }

    @Test func aCountBeyondTheBytesIsRefusedAtOnce() {
        let error = #expect(throws: DecodeError.self) {
            try Self.decode(hex("fde803") + [UInt8](repeating: 0, count: 20))
        }
        #expect(error?.reason == .truncated(needed: 9_000, available: 20))
    }

    @Test(arguments: ["00", "fc", "fdfd00", "fe00000100", "ffffffffffffffffff", "ff0000000001000000"])
    func servicesAreAnyNumber(_ text: String) throws {
        let bytes = Self.list([Self.entry(1, [1, 2, 3, 4], services: text)])
        #expect(try encodePayload(Self.decode(bytes)) == bytes)
    }

    @Test(arguments: ["fdfc00", "feffff0000", "ffffffffff00000000"])
    func servicesInALongerFormAreRefused(_ text: String) {
        let error = #expect(throws: DecodeError.self) {
            try Self.decode(Self.list([Self.entry(1, [1, 2, 3, 4], services: text)]))
        }
        #expect(error?.reason == .nonCanonical)
        #expect(error?.field == "address services")
    }

    @Test func embeddedAddressesAreKeptAndFlagged() throws {
        let cases: [(UInt8, String, Bool)] = [
            (2, "00000000000000000000ffff01020304", true), (2, "fd87d87eeb43f1f2f3f4f5f6f7f8f9fa", true),
            (2, "00000000000000000000fffe01020304", false), (2, "fd87d87eeb44f1f2f3f4f5f6f7f8f9fa", false),
            (2, "00000000000000000000000000000001", false), (6, "00000000000000000000ffff01020304", false),
        ]
        for (network, host, isMisembedded) in cases {
            let bytes = Self.list([Self.entry(network, hex(host))])
            let message = try Self.decode(bytes)
            #expect(message.addresses[0].isMisembedded == isMisembedded, "\(host)")
            #expect(try encodePayload(message) == bytes)
        }
    }

    @Test func trailingBytesAreKeptOrRefused() throws {
        let bytes = Self.payload + [1, 2, 3]
        let message = try Self.decode(bytes)
        #expect(message.trailingBytes == [1, 2, 3])
        #expect(try encodePayload(message) == bytes)
        var strict = WireLimits()
        strict.trailingBytes = .refuse
        #expect(throws: DecodeError.self) { try Self.decode(bytes, limits: strict) }
    }

    /// Bytes that decode come back exactly; others are refused, and nothing crashes.
    @Test func damagedPayloadsComeBackExactlyOrNotAtAll() throws {
        var random = SeededGenerator(state: 11)
        var decoded = 0
        for _ in 0..<5_000 {
            var bytes = Self.payload
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let message = try? Self.decode(bytes) else { continue }
            decoded += 1
            #expect(try encodePayload(message) == bytes)
        }
        #expect(decoded > 100)
    }

    @Test func equalityLooksAtEveryByte() throws {
        let host = [UInt8](0..<32)
        let address = try #require(PeerAddress(network: .i2p, hostBytes: host, port: 0))
        for place in 0..<32 {
            var other = host
            other[place] ^= 0x80
            #expect(PeerAddress(network: .i2p, hostBytes: other, port: 0) != address)
        }
        let unknown = AddressNetwork(rawValue: 200)
        #expect(
            PeerAddress(network: unknown, hostBytes: [0], port: 0)
                != PeerAddress(network: unknown, hostBytes: [0, 0], port: 0))
        #expect(MemoryLayout<PeerAddress>.stride <= 64)
    }
}
