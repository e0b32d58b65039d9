import PeerWire
import Testing

@Suite struct NetworkTests {
    static let hashes: [(Network, String)] = [
        (.mainnet, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
        (.testnet3, "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
        (.testnet4, "000000001dd410c49a788668ce26751718cc797474d3152a5fc073dd44fd9f7b"),
        (.chipnet, "000000001dd410c49a788668ce26751718cc797474d3152a5fc073dd44fd9f7b"),
        (.scalenet, "00000000e6453dc2dfe1ffa19023f86002eb11dbb8e87d0291a4599f0430be52"),
        (.regtest, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
        (.simnet, "683e86bd5c6d110d91b94b97137ba6bfe02dbbdb8e3dff722a669b5d69d77af6"),
    ]

    @Test func everyNetworkIsHere() {
        #expect(Self.hashes.map(\.0) == Network.allCases)
    }

    @Test(arguments: hashes) func genesis(_ network: Network, _ hash: String) throws {
        #expect(network.genesisHash.description == hash)
        #expect(network.genesisHeader.hash() == network.genesisHash)
        let block = network.genesisBlock
        #expect(block.hash() == network.genesisHash)
        #expect(block.header == network.genesisHeader)
        #expect(block.byteCount == 285)
        #expect(block.transactions.count == 1)
        let root = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
        #expect(block.transactions[0].hash().description == root)
        #expect(block.header.merkleRoot.description == root)
        #expect(block.transactions[0].bytes.array == Array(Examples.transaction2.dropFirst(24)))
        #expect(try Block(bytes: block.bytes.array) == block)
    }

    @Test func theHeaderOfTheExample() {
        #expect(Network.mainnet.genesisHeader.bytes == Array(Examples.headers[25..<105]))
    }

    @Test func seeds() {
        let counts = Network.allCases.map(\.dnsSeeds.count)
        #expect(counts == [8, 4, 6, 1, 2, 0, 0])
        for network in Network.allCases {
            let seeds = network.dnsSeeds
            #expect(Set(seeds).count == seeds.count)
            for seed in seeds {
                #expect(seed.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789.-".utf8.contains($0) }, "\(seed)")
            }
        }
        #expect(Network.mainnet.dnsSeeds.contains("seed.bchd.cash"))
        #expect(Network.chipnet.dnsSeeds(offering: .network) == ["x1.chipnet.bitjson.com"])
        #expect(Network.seedName("a.b", offering: [.network, .bitcoinCash, .networkLimited]) == "x421.a.b")
        #expect(Network.seedName("a.b", offering: []) == "a.b")
    }

    @Test func names() {
        for network in Network.allCases { #expect(Network(rawValue: network.rawValue) == network) }
        #expect(Network(rawValue: "MAINNET") == nil)
    }

    @Test func services() {
        #expect(Services.witness.rawValue == 8)
        #expect(Services.witness.description == "WITNESS")
        #expect(Services.experiments.rawValue == 0xff00_0000)
        #expect(Services(rawValue: 0x425).description == "NETWORK|BLOOM|BITCOIN_CASH|NETWORK_LIMITED")
        #expect(Services(rawValue: 1 << 24 | 1).description == "NETWORK|0x1000000")
        #expect(Services([]).description == "none")
    }

    @Test func versionsAreInOrder() {
        let versions: [ProtocolVersion] = [
            .senderAddress, .multipleAddresses, .addressTime, .getHeaders, .pingNonce, .mempool, .bloomFilter, .reject,
            .bloomService, .sendHeaders, .feeFilter, .compactBlocks, .noValidationRelay, .featureNegotiation,
        ]
        #expect(
            versions.map(\.rawValue) == [
                106, 209, 31402, 31800, 60000, 60002, 70001, 70002, 70011, 70012, 70013, 70014, 70015, 70016,
            ])
        #expect(versions.sorted() == versions)
    }
}
