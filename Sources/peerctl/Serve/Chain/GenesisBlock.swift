import PeerKit

/// The first block of each network, which every node has without being sent it. Source: `PROTOCOL` 1.2.
enum GenesisBlock {
    static func make(_ network: Network) throws(EncodeError) -> Block {
        let coinbase = try coinbase()
        let (time, bits, nonce) = proof(network)
        let header = BlockHeader(
            version: 1, previousBlock: .zero, merkleRoot: coinbase.hash(), time: time, bits: bits, nonce: nonce)
        return try Block(header: header, transactions: [coinbase])
    }

    private static func proof(_ network: Network) -> (time: UInt32, bits: UInt32, nonce: UInt32) {
        switch network {
        case .mainnet: (1_231_006_505, 0x1d00_ffff, 2_083_236_893)
        case .testnet3: (1_296_688_602, 0x1d00_ffff, 414_098_458)
        case .testnet4, .chipnet: (1_597_811_185, 0x1d00_ffff, 114_152_193)
        case .scalenet: (1_598_282_438, 0x1d00_ffff, 2_727_663_012)
        case .regtest: (1_296_688_602, 0x207f_ffff, 2)
        case .simnet: (1_401_292_357, 0x207f_ffff, 2)
        }
    }

    private static let headline = "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks"

    /// The same on every network: fifty coins to the one key its author published.
    private static func coinbase() throws(EncodeError) -> Transaction {
        let text = Array(headline.utf8)
        // Pushes of 4 bytes (the first bits), of 1 (the number 4) and of the headline.
        let input: [UInt8] = [4, 0xff, 0xff, 0x00, 0x1d, 1, 4, UInt8(text.count)] + text
        let output: [UInt8] = [UInt8(authorKey.count)] + authorKey + [Opcode.checkSignature]
        return try Transaction(
            version: 1, inputs: [TransactionInput(outpoint: .coinbase, script: WireBytes(input))],
            outputs: [TransactionOutput(value: 5_000_000_000, script: WireBytes(output))])
    }

    private static let authorKey: [UInt8] = [
        0x04, 0x67, 0x8a, 0xfd, 0xb0, 0xfe, 0x55, 0x48, 0x27, 0x19, 0x67, 0xf1, 0xa6, 0x71, 0x30, 0xb7, 0x10, 0x5c,
        0xd6, 0xa8, 0x28, 0xe0, 0x39, 0x09, 0xa6, 0x79, 0x62, 0xe0, 0xea, 0x1f, 0x61, 0xde, 0xb6, 0x49, 0xf6, 0xbc,
        0x3f, 0x4c, 0xef, 0x38, 0xc4, 0xf3, 0x55, 0x04, 0xe5, 0x1e, 0xc1, 0x12, 0xde, 0x5c, 0x38, 0x4d, 0xf7, 0xba,
        0x0b, 0x8d, 0x57, 0x8a, 0x4c, 0x70, 0x2b, 0x6b, 0xf1, 0x1d, 0x5f,
    ]
}

/// The script operations that made-up transactions use.
enum Opcode {
    static let pushDataOneByte: UInt8 = 0x4c
    static let one: UInt8 = 0x51
    static let `return`: UInt8 = 0x6a
    static let duplicate: UInt8 = 0x76
    static let equalVerify: UInt8 = 0x88
    static let hash160: UInt8 = 0xa9
    static let checkSignature: UInt8 = 0xac
}
