import PeerKit
import Testing

@testable import peerctl

/// Some blocks of a made-up chain.
func makeBlocks(_ count: Int, network: Network = .regtest, size: Int = 5_000, seed: UInt64 = 1) throws -> [Block] {
    var chain = try SyntheticChain(network: network, blockSize: size, seed: seed)
    return try (0..<count).map { _ in try chain.next().block }
}

@Suite struct ChainSyntheticTests {
    @Test(
        arguments: [
            (Network.mainnet, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
            (.testnet3, "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
            (.testnet4, "000000001dd410c49a788668ce26751718cc797474d3152a5fc073dd44fd9f7b"),
            (.chipnet, "000000001dd410c49a788668ce26751718cc797474d3152a5fc073dd44fd9f7b"),
            (.scalenet, "00000000e6453dc2dfe1ffa19023f86002eb11dbb8e87d0291a4599f0430be52"),
            (.regtest, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
            (.simnet, "683e86bd5c6d110d91b94b97137ba6bfe02dbbdb8e3dff722a669b5d69d77af6"),
        ])
    func genesis(_ network: Network, _ hash: String) throws {
        let block = network.genesisBlock
        #expect(block.hash().description == hash)
        #expect(block.byteCount == 285)
        #expect(
            block.merkleRoot().description == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b")
    }

    @Test func sameOptionsSameBlocks() throws {
        let blocks = try makeBlocks(5)
        #expect(try makeBlocks(5) == blocks)
        #expect(Array(try makeBlocks(8).prefix(5)) == blocks)
        for other in [
            try makeBlocks(5, seed: 2), try makeBlocks(5, network: .simnet), try makeBlocks(5, size: 5_001),
        ] {
            for (left, right) in zip(blocks, other) { #expect(left != right) }
        }
    }

    /// Neighbouring seeds and heights are not the same numbers shifted.
    @Test func nothingRepeats() throws {
        let blocks = try makeBlocks(4, seed: 1) + makeBlocks(4, seed: 2)
        let ids = blocks.flatMap { $0.transactions.map { $0.hash() } }
        #expect(Set(ids).count == ids.count)
        let spent = blocks.flatMap { $0.transactions.dropFirst().flatMap { $0.inputs.map(\.outpoint.transaction) } }
        #expect(Set(spent).count == spent.count)
    }

    @Test func headersLink() throws {
        let genesis = Network.mainnet.genesisBlock
        var parent = genesis.header
        for block in try makeBlocks(20, network: .mainnet) {
            #expect(block.header.previousBlock == parent.hash())
            #expect(block.header.time == parent.time + 600)
            #expect(block.header.bits == SyntheticChain.easyBits)
            #expect(block.header.merkleRoot == block.merkleRoot())
            parent = block.header
        }
    }

    /// Around every boundary: where a payment more fits, where padding moves from the script to an output, where the
    /// transaction count takes more bytes.
    @Test func exactSizes() throws {
        for size in Array(1_000...1_500) + Array(stride(from: 58_000, to: 70_000, by: 91)) + [1_000_000, 2_000_001] {
            let block = try #require(try makeBlocks(1, size: size).first)
            #expect(block.byteCount == size)
            #expect(block.header.merkleRoot == block.merkleRoot())
            let script = block.transactions[0].inputs[0].script.count
            #expect((2...100).contains(script), "size \(size)")
        }
    }

    @Test func sizeCrossesTheCompactSizeBoundary() throws {
        let counts = try [50_000, 60_000, 70_000, 80_000].map { try makeBlocks(1, size: $0)[0].transactions.count }
        #expect(counts.contains { $0 < 253 } && counts.contains { $0 > 253 })
    }

    @Test func transactionsAreTypical() throws {
        let block = try makeBlocks(1, size: 100_000)[0]
        #expect(block.transactions[0].isCoinbase)
        let payments = block.transactions.dropFirst()
        #expect(payments.count > 300)
        #expect(Set(payments.map(\.byteCount)) == [226, 374])
        for payment in payments {
            #expect(!payment.isCoinbase && payment.outputs.count == 2)
            for input in payment.inputs { #expect(input.script.count == 107) }
            for output in payment.outputs {
                #expect(output.script.hexadecimal.hasPrefix("76a914") && output.script.hexadecimal.hasSuffix("88ac"))
                #expect(output.value > 0)
            }
        }
    }

    @Test(
        arguments: [
            (1, "51"), (16, "60"), (17, "0111"), (127, "017f"), (128, "028000"), (255, "02ff00"), (256, "020001"),
            (32_767, "02ff7f"), (32_768, "03008000"), (1_000_000, "0340420f"),
        ])
    func heightPush(_ height: Int, _ bytes: String) {
        #expect(WireBytes(SyntheticTransaction.heightPush(height)).hexadecimal == bytes)
    }

    @Test func coinbaseBeginsWithTheHeight() throws {
        for (index, block) in try makeBlocks(20).enumerated() {
            let push = SyntheticTransaction.heightPush(index + 1)
            #expect(Array(block.transactions[0].inputs[0].script.prefix(push.count)) == push)
        }
    }
}
