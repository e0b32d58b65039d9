import PeerWire

/// What honest nodes have in common: a chain of blocks, made up from the seed.
///
/// The blocks are made to be carried, not to be valid: no proof of work, no signatures.
final class World {
    private(set) var blocks: [Block] = []
    private(set) var hashes: [Hash256] = []
    /// For looking up only.
    private var heights: [Hash256: Int] = [:]
    private var random: SimulationRandom

    init(random: SimulationRandom) {
        self.random = random
    }

    var height: Int { blocks.count }

    func height(of hash: Hash256) -> Int? { heights[hash] }

    /// Adds a block of about so many bytes.
    func extend(byteCount: Int) {
        let script = WireBytes(randomBytes(max(2, byteCount - 150)))
        let header = BlockHeader(
            version: 4, previousBlock: hashes.last ?? .zero, merkleRoot: nextHash(),
            time: UInt32(1_600_000_000 + 600 * blocks.count), bits: 0x207f_ffff, nonce: 0)
        let input = TransactionInput(outpoint: .coinbase, script: script)
        guard let transaction = makeTransaction(input),
            let block = try? Block(header: header, transactions: [transaction])
        else { return }
        let hash = block.hash()
        heights[hash] = blocks.count
        blocks.append(block)
        hashes.append(hash)
    }

    /// A transaction nobody has seen yet, of about so many bytes.
    func newTransaction(byteCount: Int) -> Transaction? {
        let script = WireBytes(randomBytes(max(1, byteCount - 70)))
        let outpoint = Outpoint(transaction: nextHash(), index: 0)
        return makeTransaction(TransactionInput(outpoint: outpoint, script: script))
    }

    private func makeTransaction(_ input: TransactionInput) -> Transaction? {
        try? Transaction(inputs: [input], outputs: [TransactionOutput(value: 1, script: [0x6a])])
    }

    private func nextHash() -> Hash256 {
        Hash256(word0: random.next(), word1: random.next(), word2: random.next(), word3: random.next())
    }

    /// Bytes that differ from payload to payload, cheaply: all of them the same but for eight.
    func randomBytes(_ count: Int) -> [UInt8] {
        let mark = random.next()
        var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: mark), count: count)
        for index in 0..<min(8, count) { bytes[index] = UInt8(truncatingIfNeeded: mark >> (8 * UInt64(index))) }
        return bytes
    }
}

/// A message of an application's own, as scripts send it.
struct SimGreeting: CustomMessage {
    static let command = Command(literal: "simgreeting")
    static let maximumPayload = 1 << 16
    var text: [UInt8]

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> SimGreeting {
        SimGreeting(text: try span.readBytes(at: &offset, maximum: 60_000, "text"))
    }

    var encodedLength: Int { CompactSize.encodedLength(text.count) + text.count }

    func encode(into writer: inout ByteWriter) {
        writer.writeCount(text.count)
        writer.writeBytes(text)
    }
}
