import PeerKit

/// Two blocks after the genesis block, and how another program describes what is in them.
struct SampleChain: Sendable {
    let genesis: Hash256
    let blocks: [Block]

    var headers: [BlockHeader] { blocks.map(\.header) }
    var transaction: Transaction { blocks[1].transactions[1] }

    init() throws {
        genesis = Network.regtest.genesisHash
        let coinbases = try (1...2).map { height in
            try Transaction(
                version: 1, inputs: [TransactionInput(outpoint: .coinbase, script: [2, UInt8(height), 0, 0x51])],
                outputs: [TransactionOutput(value: 5_000_000_000, script: [0x51])])
        }
        let spends = try (0..<3).map { number in
            try Transaction(
                inputs: [
                    TransactionInput(
                        outpoint: Outpoint(transaction: coinbases[0].hash(), index: UInt32(number)),
                        script: WireBytes([UInt8](repeating: 0x4c, count: 107)), sequence: 0xffff_fffe)
                ],
                outputs: [
                    TransactionOutput(value: 1_234_567, script: [0x76, 0xa9, 0x14, 0x88, 0xac]),
                    TransactionOutput(value: 0, script: WireBytes([0x6a] + [UInt8](repeating: 7, count: 300))),
                ], lockTime: 5)
        }
        let first = try Self.block(after: genesis, [coinbases[0]])
        // An odd number, whose last hash is paired with itself.
        let second = try Self.block(after: first.header.hash(), [coinbases[1]] + spends.dropLast())
        blocks = [first, second]
    }

    private static func block(after previous: Hash256, _ transactions: [Transaction]) throws -> Block {
        let root = Block.merkleRoot(of: transactions.map { $0.hash() })
        let header = BlockHeader(
            version: 0x2000_0000, previousBlock: previous, merkleRoot: root, time: 1_700_000_000, bits: 0x207f_ffff,
            nonce: 0xdead_beef)
        return try Block(header: header, transactions: transactions)
    }
}

extension JSON {
    /// 32 bytes as they are on the wire.
    init(_ hash: Hash256) {
        self = .text(WireBytes(hash.bytes).hexadecimal)
    }

    init(_ header: BlockHeader) {
        self = [
            "version": .number(Int(header.version)), "previous": JSON(header.previousBlock),
            "merkle": JSON(header.merkleRoot), "time": .number(Int(header.time)), "bits": .number(Int(header.bits)),
            "nonce": .number(Int(header.nonce)), "hash": JSON(header.hash()),
        ]
    }

    init(_ transaction: Transaction) {
        self = [
            "version": .number(Int(transaction.version)), "lock": .number(Int(transaction.lockTime)),
            "inputs": .list(
                transaction.inputs.map { input in
                    [
                        "previous": JSON(input.outpoint.transaction), "index": .number(Int(input.outpoint.index)),
                        "script": .text(input.script.hexadecimal), "sequence": .number(Int(input.sequence)),
                    ]
                }),
            "outputs": .list(
                transaction.outputs.map { output in
                    ["value": .number(Int(output.value)), "script": .text(output.script.hexadecimal)]
                }),
            "id": JSON(transaction.hash()),
        ]
    }

    init(_ block: Block) {
        self = [
            "header": JSON(block.header), "transactions": .list(block.transactions.map { JSON($0) }),
            "root": JSON(block.merkleRoot()),
        ]
    }
}
