import TestSupport
import Testing

/// `peerctl decode` on the worked examples of `PROTOCOL` 7.
@Suite struct DecodeExampleTests {
    /// A frame, and the line it gives without its offset.
    struct Example: Sendable {
        let frame: String
        let line: String
    }

    private static let genesisHash = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    private static let genesisRoot = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    private static let zeroHash = String(repeating: "0", count: 64)
    private static let names = #""service_names":["NETWORK","BLOOM","BITCOIN_CASH""#
    private static let receiver = #"{"services":1061,\#(names),"NETWORK_LIMITED"],"ip":"203.0.113.7","port":8333}"#

    private static let negotiation = [
        Example(
            frame: """
                e3e1f3e876657273696f6e000000000065000000bfbab4f6
                8011010025000000000000008085746700000000250400000000000000000000000000000000ffffcb007107208d
                250000000000000000000000000000000000000000000000000088776655443322110f2f4578616d706c653a312e302e302f
                806d0d0001
                """,
            line: #"""
                "command":"version","length":101,"checksum_ok":true,"message":{"protocol_version":70016,"services":37,\#
                \#(names)],"time":1735689600,"receiver":\#(receiver),\#
                "sender":{"services":37,\#(names)],"ip":"::","port":0},"nonce":"1234605616436508552",\#
                "user_agent":"/Example:1.0.0/","height":880000,"relay":true}
                """#),
        Example(
            frame: "e3e1f3e876657261636b000000000000000000005df6e0e2",
            line: #""command":"verack","length":0,"checksum_ok":true,"message":{}"#),
        Example(
            frame: "e3e1f3e873656e646865616465727300000000005df6e0e2",
            line: #""command":"sendheaders","length":0,"checksum_ok":true,"message":{}"#),
        Example(
            frame: "e3e1f3e873656e64636d70637400000009000000ccfe104a 000100000000000000",
            line: #"""
                "command":"sendcmpct","length":9,"checksum_ok":true,"message":{"high_bandwidth":false,"version":1}
                """#),
        Example(
            frame: "e3e1f3e873656e64636d706374000000090000002d13cb02 010100000000000000",
            line: #""command":"sendcmpct","length":9,"checksum_ok":true,"message":{"high_bandwidth":true,"version":1}"#),
        Example(
            frame: "e3e1f3e866656566696c74657200000008000000e80fd19f e803000000000000",
            line: #""command":"feefilter","length":8,"checksum_ok":true,"message":{"rate":1000}"#),
        Example(
            frame: "e3e1f3e870696e670000000000000000080000003b5a7513 0807060504030201",
            line: #""command":"ping","length":8,"checksum_ok":true,"message":{"nonce":"72623859790382856"}"#),
        Example(
            frame: """
                e3e1f3e872656a65637400000000000031000000092fcae6
                0776657273696f6e112770726f746f636f6c2076657273696f6e206d75737420626520323039206f722067726561746572
                """,
            line: #"""
                "command":"reject","length":49,"checksum_ok":true,"message":{"rejected":"version","code":17,\#
                "code_name":"obsolete","reason":"protocol version must be 209 or greater"}
                """#),
        Example(
            frame: """
                e3e1f3e872656a65637400000000000037000000b8264dab
                02747810126261642d74786e732d76696e2d656d7074793ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa
                4b1e5e4a
                """,
            line: #"""
                "command":"reject","length":55,"checksum_ok":true,"message":{"rejected":"tx","code":16,\#
                "code_name":"invalid","reason":"bad-txns-vin-empty","hash":"\#(genesisRoot)"}
                """#),
    ]

    private static let relay = [
        Example(
            frame: """
                e3e1f3e8696e760000000000000000006d0000000d9932d9
                03010000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a
                020000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000
                a0940000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
                """,
            line: #"""
                "command":"inv","length":109,"checksum_ok":true,"message":{"items":[\#
                {"type":1,"kind":"tx","hash":"\#(genesisRoot)"},{"type":2,"kind":"block","hash":"\#(genesisHash)"},\#
                {"type":38048,"kind":"double spend proof",\#
                "hash":"1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100"}]}
                """#),
        Example(
            frame: """
                e3e1f3e8676574646174610000000000250000008d20e09f
                01030000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000
                """,
            line: #"""
                "command":"getdata","length":37,"checksum_ok":true,"message":{"items":[\#
                {"type":3,"kind":"filtered block","hash":"\#(genesisHash)"}]}
                """#),
        Example(
            frame: """
                e3e1f3e86164647200000000000000001f0000006aae0007
                0180857467250400000000000000000000000000000000ffffcb007107208d
                """,
            line: #"""
                "command":"addr","length":31,"checksum_ok":true,"message":{"addresses":[\#
                {"time":1735689600,"services":1061,\#(names),"NETWORK_LIMITED"],"ip":"203.0.113.7","port":8333}]}
                """#),
        Example(
            frame: """
                e3e1f3e8676574686561646572730000450000001d36fe53
                80110100016fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000
                0000000000000000000000000000000000000000000000000000000000000000
                """,
            line: #"""
                "command":"getheaders","length":69,"checksum_ok":true,"message":{"version":70016,\#
                "locator":["\#(genesisHash)"],"stop":"\#(zeroHash)"}
                """#),
        Example(
            frame: """
                e3e1f3e8686561646572730000000000520000000b0e13eb
                010100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e6776
                8f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c00
                """,
            line: #"""
                "command":"headers","length":82,"checksum_ok":true,"message":{"headers":[{"hash":"\#(genesisHash)",\#
                "version":1,"previous_block":"\#(zeroHash)","merkle_root":"\#(genesisRoot)","time":1231006505,\#
                "bits":486604799,"nonce":2083236893,"transaction_count":0}]}
                """#),
        Example(
            frame: """
                e3e1f3e8747800000000000000000000a2000000df42e261
                0200000001808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f000000000302abcdffffffff
                02e80300000000000041ef808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f7202cafefde803
                76a914000102030405060708090a0b0c0d0e0f1011121388ac
                22020000000000001976a914000102030405060708090a0b0c0d0e0f1011121388ac00000000
                """,
            line: #"""
                "command":"tx","length":162,"checksum_ok":true,"message":{\#
                "txid":"f51ba3b84f5b41c2f57db0483f1ec6d31375678e914320f5765a2bb761e242df","version":2,"inputs":[\#
                {"txid":"9f9e9d9c9b9a999897969594939291908f8e8d8c8b8a89888786858483828180","index":0,\#
                "script":"02abcd","sequence":4294967295}],"outputs":[{"value":1000,\#
                "script":"ef808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f7202cafefde803\#
                76a914000102030405060708090a0b0c0d0e0f1011121388ac","token":{\#
                "category":"9f9e9d9c9b9a999897969594939291908f8e8d8c8b8a89888786858483828180","nft":true,\#
                "capability":"minting","commitment":"cafe","amount":"1000"},\#
                "locking_script":"76a914000102030405060708090a0b0c0d0e0f1011121388ac"},\#
                {"value":546,"script":"76a914000102030405060708090a0b0c0d0e0f1011121388ac"}],"lock_time":0}
                """#),
    ]

    /// Examples whose fields are not looked at here: they give their bytes again, whatever knows their command.
    private static let others = [
        "e3e1f3e873656e646164647276320000000000005df6e0e2",
        """
        e3e1f3e8616464727632000000000000b10000005e5c2540
        0680857467fd25040104cb007107208d80857467fd250402102a021234567800000000000000000001208d80857467fd2504030af1f2
        f3f4f5f6f7f8f9fa208d80857467fd25040420000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f208d80
        857467fd25040520202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f000080857467fd25040610fc0000
        01000200030004000500060007208d
        """,
        "e3e1f3e865787476657273696f6e000004000000e0dd4512 01000164",
        "e3e1f3e865787476657273696f6e000011000000162517f5 02000164ff030002000100000003fd0010",
        "e3e1f3e866696c7465726c6f616400000d000000657438b7 03614e9b050000000000000001",
        """
        e3e1f3e867657463666865616465727325000000b251b87b
        00010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000
        """,
        """
        e3e1f3e8676574626c6f636b74786e0024000000f9c80508
        6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d619000000000003010003
        """,
    ]

    @Test func fieldsAreAsWritten() throws {
        let examples = Self.negotiation + Self.relay
        let outcome = try ChildProcess.run(["decode"], input: examples.flatMap { hex($0.frame) })
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
        var offset = 0
        #expect(outcome.lines.count == examples.count)
        for (line, example) in zip(outcome.lines, examples) {
            #expect(line == "{\"offset\":\(offset),\(example.line)}")
            offset += hex(example.frame).count
        }
    }

    @Test func everyExampleGivesItsBytesAgain() throws {
        let frames = (Self.negotiation + Self.relay).map { hex($0.frame) } + Self.others.map { hex($0) }
        let outcome = try ChildProcess.run(["decode", "--reencode", "-"], input: frames.flatMap { $0 })
        #expect(outcome.exitCode == 0)
        #expect(try outcome.objects.map { $0.text("frame_hex") } == frames.map { hexText($0) })
    }

    /// The genesis block, whose only transaction is the example of a coinbase.
    @Test func aBlockShowsItsHeaderAndTxids() throws {
        let header = hex(Self.relay[4].frame)[25..<105]
        let coinbase = hex(
            """
            01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054
            696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420
            666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61
            deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000
            """)
        let outcome = try ChildProcess.run(["decode"], input: frame("block", header + [1] + coinbase))
        #expect(outcome.exitCode == 0)
        #expect(
            outcome.text == #"""
                {"offset":0,"command":"block","length":285,"checksum_ok":true,"message":{"hash":"\#(Self.genesisHash)",\#
                "version":1,"previous_block":"\#(Self.zeroHash)","merkle_root":"\#(Self.genesisRoot)",\#
                "time":1231006505,"bits":486604799,"nonce":2083236893,"transaction_count":1,\#
                "txids":["\#(Self.genesisRoot)"]}}

                """#)
    }

    @Test func anUnknownCommandShowsItsPayload() throws {
        let outcome = try ChildProcess.run(["decode"], input: frame("no such", [0, 0xab, 0xff]))
        #expect(outcome.exitCode == 0)
        #expect(
            outcome.lines == [
                #"{"offset":0,"command":"no such","length":3,"checksum_ok":true,"message":{"payload_hex":"00abff"}}"#
            ])
    }
}
