import PeerWire

/// The bytes are a block. Its parts put together again are the same bytes.
enum BlockBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        let alone = try attempt { () throws(DecodeError) in try Block(bytes: input) }
        let message = try attempt { () throws(DecodeError) in
            try Message.decode(command: .block, payload: input, limits: .wide)
        }
        if let alone { try require(message == .block(alone), "alone it is read otherwise") }
        guard case .block(let block)? = message else { return }
        try require(block.byteCount + block.trailingBytes.count == input.count, "bytes are lost")
        try require(block.bytes.array + block.trailingBytes == input, "a block of other bytes")
        try visit(block)
        let again = try expect("a block of its parts") { () throws(EncodeError) in
            try Block(header: block.header, transactions: block.transactions)
        }
        try require(again.bytes == block.bytes, "its parts make another block")
        try require(again.merkleRoot() == block.merkleRoot(), "its parts have another root")
        try visit(again)
    }

    static func visit(_ block: Block) throws(Violation) {
        try require(BlockHeader(bytes: block.header.bytes) == block.header, "the header is not equal to itself")
        // One first alone, so that the others find it known.
        let last = block.transactions.last?.hash()
        let hashes = block.transactionHashes()
        try require(hashes.last == last, "the last hash is another alone")
        try require(hashes.count == block.transactions.count, "\(hashes.count) hashes")
        for (place, transaction) in block.transactions.enumerated() {
            try require(transaction.hash() == hashes[place], "transaction \(place) has another hash alone")
            try TransactionBody.visit(transaction)
        }
        try require(block.merkleRoot() == Block.merkleRoot(of: hashes), "another root")
        try MessageWalk.requireDescription(block)
    }

    static var seeds: [[UInt8]] {
        Samples.blocks.map { $0.bytes.array } + [Samples.blocks[0].bytes.array + [1, 2, 3]]
    }
}
