@testable import PeerWire

extension SeededGenerator {
    /// A transaction that no other is like.
    mutating func transaction(inputs: Int = 1, outputs: Int = 1) throws -> Transaction {
        let inputs = (0..<inputs).map { _ in
            TransactionInput(outpoint: Outpoint(transaction: hash(), index: 1), script: WireBytes(bytes(20)))
        }
        let outputs = (0..<outputs).map { _ in
            TransactionOutput(value: Int64(next() >> 12), script: WireBytes(bytes(25)))
        }
        return try Transaction(inputs: inputs, outputs: outputs)
    }

    mutating func transactions(_ count: Int) throws -> [Transaction] {
        var list: [Transaction] = []
        for _ in 0..<count { list.append(try transaction(inputs: 1 + Int(next() % 3), outputs: Int(next() % 4))) }
        return list
    }

    mutating func header(merkleRoot: Hash256) -> BlockHeader {
        BlockHeader(
            version: 4, previousBlock: hash(), merkleRoot: merkleRoot, time: 7, bits: 0x1d00_ffff, nonce: 9)
    }

    /// A block of transactions made up, whose merkle root is right.
    mutating func block(_ count: Int) throws -> Block {
        let transactions = try transactions(count)
        let root = Block.merkleRoot(of: transactions.map { $0.hash() })
        return try Block(header: header(merkleRoot: root), transactions: transactions)
    }
}

/// The payload of a message, once it is found to be within the limits.
protocol CompactPayload: Hashable {
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError)
    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError)
    func encodedLength(_ version: ProtocolVersion) -> Int
    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion)
    var trailingBytes: [UInt8] { get }
}

extension CompactPayload {
    init(_ payload: [UInt8], limits: WireLimits = WireLimits()) throws(DecodeError) {
        try self.init(payload: payload, limits: limits)
    }

    /// The payload; empty if the length foretold was wrong, which no payload of these messages is.
    func payload(limits: WireLimits = WireLimits()) throws(EncodeError) -> [UInt8] {
        try check(.current, limits)
        var writer = ByteWriter(capacity: 0)
        encode(into: &writer, .current)
        let bytes = writer.finish()
        return bytes.count == encodedLength(.current) ? bytes : []
    }
}

extension CompactBlockMessage: CompactPayload {}
extension BlockTransactionsMessage: CompactPayload {}
extension GetBlockTransactionsMessage: CompactPayload {
    init(payload: [UInt8], limits: borrowing WireLimits) throws(DecodeError) {
        var offset = 0
        self = try .decode(
            from: payload.span.bytes, at: &offset, .current, limits)
    }
}
