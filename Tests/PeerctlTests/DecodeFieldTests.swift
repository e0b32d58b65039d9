import PeerKit
import Testing

@testable import peerctl

/// The fields under which messages are shown.
@Suite struct DecodeFieldTests {
    static let hash = Hash256(word0: 1, word1: 2, word2: 3, word3: 4)
    static let genesis = Network.mainnet.genesisBlock
    static let header = """
        "hash":"\(Network.mainnet.genesisHash)","version":1,"previous_block":"\(Hash256.zero)",\
        "merkle_root":"\(genesis.header.merkleRoot)","time":1231006505,"bits":486604799,"nonce":2083236893
        """
    private static let script = genesis.transactions[0].outputs[0].script.hexadecimal
    private static let coinbase = """
        {"txid":"\(genesis.header.merkleRoot)","version":1,"inputs":[{"txid":"\(Hash256.zero)","index":4294967295,\
        "script":"\(genesis.transactions[0].inputs[0].script.hexadecimal)","sequence":4294967295}],\
        "outputs":[{"value":5000000000,"script":"\(script)"}],"lock_time":0}
        """

    /// What a line has for a message.
    static func shown(_ message: Message) -> String {
        var writer = JSONWriter()
        MessageJSON.write(message, into: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        return text.hasPrefix("\"message\":") ? String(text.dropFirst(10)) : text
    }

    static func shown(_ command: Command, _ payload: String) throws -> String {
        shown(try Message.decode(command: command, payload: hex(payload)))
    }

    @Test func emptyMessagesHaveNoFields() {
        let empty: [Message] = [
            .verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVerack, .mempool, .filterClear,
        ]
        for message in empty { #expect(Self.shown(message) == "{}") }
    }

    @Test func extendedVersions() throws {
        let entries = #""entries":[{"key":"0","value":"64"},{"key":"4295098371","value":"fd0010"}]"#
        let map = "02000164ff030002000100000003fd0010"
        #expect(try Self.shown(.extendedVersion, map) == #"{"version":"0.1.0",\#(entries)}"#)
        #expect(try Self.shown(.extendedVersion, "00ff") == #"{"version":null,"entries":[],"trailing_hex":"ff"}"#)
        let inside = #"{"payload_hex":"\#(map)","map":{"version":"0.1.0",\#(entries)}}"#
        #expect(try Self.shown(.xVersion, map) == inside)
        #expect(try Self.shown(.xVersion, "0100") == #"{"payload_hex":"0100","map":null}"#)
        #expect(try Self.shown(.xVersion, "") == #"{"payload_hex":"","map":null}"#)
    }

    @Test func addressesOfAllNetworks() throws {
        let hosts = [
            (1, "IPv4", "1.2.3.4"), (2, "IPv6", "2a02::1"), (3, "Tor v2", "6hzph5hv6337r6p2.onion"),
            (4, "Tor v3", "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"),
            (5, "I2P", "eaqseizeeutcokbjfivsyljof4ydcmrtgq2tmnzyhe5dwpb5hy7q.b32.i2p"), (6, "CJDNS", "fc00::7"),
        ]
        for (number, name, host) in hosts {
            let address = try #require(PeerAddress(host, defaultPort: 8333))
            let line = #"""
                {"addresses":[{"time":0,"services":0,"service_names":[],"network":\#(number),\#
                "network_name":"\#(name)","host":"\#(host)","port":8333}]}
                """#
            #expect(Self.shown(.addressesV2([address])) == line)
        }
        let unknown = try #require(
            PeerAddress(
                time: 7, services: .network, network: AddressNetwork(rawValue: 9), hostBytes: [1, 0xab], port: 4))
        let line = #"""
            {"addresses":[{"time":7,"services":1,"service_names":["NETWORK"],"network":9,"network_name":"network 9",\#
            "host":"network-9-01ab","host_hex":"01ab","port":4}]}
            """#
        #expect(Self.shown(.addressesV2([unknown])) == line)
    }

    @Test func compactBlocks() throws {
        let block = CompactBlockMessage(block: Self.genesis, nonce: 5)
        let head = #"\#(Self.header),"short_id_nonce":"5","transaction_count""#
        #expect(
            Self.shown(.compactBlock(block))
                == #"""
                {\#(head):1,"short_ids":[],"prefilled":[{"difference":0,"index":0,"transaction":\#(Self.coinbase)}]}
                """#)
        let payload = WireBytes(try Message.compactBlock(block).payload()).hexadecimal
        let coinbase = WireBytes(Self.genesis.transactions[0].bytes.array).hexadecimal
        let ids = payload.prefix(176) + "02010203040506ffffffffffff"
        #expect(
            try Self.shown(.compactBlock, ids + "0102" + coinbase)
                == #"""
                {\#(head):3,"short_ids":["010203040506","ffffffffffff"],\#
                "prefilled":[{"difference":2,"index":2,"transaction":\#(Self.coinbase)}]}
                """#)
        #expect(
            try Self.shown(.compactBlock, ids + "01ffffffffffffffffff" + coinbase)
                == #"""
                {\#(head):3,"short_ids":["010203040506","ffffffffffff"],\#
                "prefilled":[{"difference":18446744073709551615,"index":null,"transaction":\#(Self.coinbase)}]}
                """#)
    }

    @Test func transactionsOfCompactBlocks() throws {
        let request = GetBlockTransactionsMessage(blockHash: Self.hash, differences: [1, 0, 3])
        let asked = #"{"block":"\#(Self.hash)","differences":[1,0,3],"indexes":[1,2,6]}"#
        #expect(Self.shown(.getBlockTransactions(request)) == asked)
        let odd = GetBlockTransactionsMessage(blockHash: Self.hash, differences: [1 << 32 | 7])
        let oddText = #"{"block":"\#(Self.hash)","differences":[4294967303],"indexes":null}"#
        #expect(Self.shown(.getBlockTransactions(odd)) == oddText)
        let answer = BlockTransactionsMessage(blockHash: Self.hash, transactions: [Self.genesis.transactions[0]])
        let answered = #"{"block":"\#(Self.hash)","transactions":[\#(Self.coinbase)]}"#
        #expect(Self.shown(.blockTransactions(answer)) == answered)
    }

    @Test func tokens() throws {
        func shown(_ token: TokenData) throws -> String {
            let output = try TransactionOutput(value: 5, token: token, lockingScript: [0x51])
            let text = Self.shown(.transaction(try Transaction(inputs: [], outputs: [output])))
            let start = try #require(text.firstRange(of: #""outputs":[{"value":5,"script":"ef"#))
            let end = try #require(text.firstRange(of: "}],\"lock_time\""))
            let token = try #require(text[start.upperBound...].firstRange(of: ",\"token\":"))
            return String(text[token.upperBound..<end.lowerBound])
        }
        let category = #""category":"\#(Self.hash)""#
        #expect(
            try shown(TokenData(category: Self.hash, amount: TokenData.maximumAmount))
                == #"""
                {\#(category),"nft":false,"capability":null,"commitment":null,"amount":"9223372036854775807"},\#
                "locking_script":"51"
                """#)
        for (capability, name) in [(TokenData.Capability.none, "none"), (.mutable, "mutable"), (.minting, "minting")] {
            #expect(
                try shown(TokenData(category: Self.hash, capability: capability, commitment: [0xca, 0xfe]))
                    == #"""
                    {\#(category),"nft":true,"capability":"\#(name)","commitment":"cafe","amount":"0"},\#
                    "locking_script":"51"
                    """#)
        }
    }

    /// A type of the application's own shows its bytes.
    @Test func messagesOfAnApplication() {
        struct Own: CustomMessage {
            static var command: Command { Command(low: 0x6e776f, high: 0) }
            static let maximumPayload = 4
            var bytes: [UInt8]

            static func decode(
                from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
            ) throws(DecodeError) -> Own {
                defer { offset = span.byteCount }
                return Own(bytes: [])
            }
            var encodedLength: Int { bytes.count }
            func encode(into writer: inout ByteWriter) { writer.writeBytes(bytes) }
        }
        #expect(Self.shown(.custom(Own(bytes: [0xab, 1]))) == #"{"payload_hex":"ab01"}"#)
        #expect(Self.shown(.custom(Own(bytes: [1, 2, 3, 4, 5]))) == #"{"payload_hex":null}"#)
    }
}
