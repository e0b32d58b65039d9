import PeerKit

extension RawClient {
    /// The next message, `nil` when the stream ended in good order before it.
    func receiveMessage() throws -> Message? {
        guard let frame = try receiveFrame() else { return nil }
        var name: [UInt8] = Array(frame.command.utf8)
        name += [UInt8](repeating: 0, count: 12 - name.count)
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        let command = Command(low: word(name[0..<8]), high: UInt32(word(name[8..<12])))
        return try Message.decode(command: command, payload: frame.payload)
    }

    /// The next message, which has to be a `getheaders`.
    func receiveGetHeaders() throws -> GetHeadersMessage {
        guard case .getHeaders(let message)? = try receiveMessage() else { throw Raw.Unexpected() }
        return message
    }

    /// The entries of the next message, which has to be a `getdata`.
    func receiveGetData() throws -> [InventoryVector] {
        guard case .getData(let message)? = try receiveMessage() else { throw Raw.Unexpected() }
        return message.items
    }
}

extension Samples {
    /// A hash that differs by number.
    static func hash(_ number: Int) -> Hash256 {
        Hash256(word0: UInt64(number), word1: 5, word2: 6, word3: 7)
    }

    /// A header that follows a block.
    static func header(after previous: Hash256, _ number: UInt32 = 0) -> BlockHeader {
        BlockHeader(
            version: 1, previousBlock: previous, merkleRoot: hash, time: 1_700_000_000, bits: 1, nonce: number)
    }

    /// A transaction that differs by number, with a script of so many bytes.
    static func transaction(_ number: Int, scriptByteCount: Int = 1) throws -> Transaction {
        try Transaction(
            inputs: [TransactionInput(outpoint: Outpoint(transaction: hash, index: 3), script: WireBytes([1, 2]))],
            outputs: [
                TransactionOutput(value: 5, script: WireBytes([UInt8](repeating: 6, count: scriptByteCount)))
            ], lockTime: UInt32(number))
    }

    /// A block of one such transaction, which it has in its place.
    static func block(_ number: UInt32, scriptByteCount: Int = 1) throws -> Block {
        try Block(
            header: header(after: hash, number),
            transactions: [transaction(Int(number), scriptByteCount: scriptByteCount)])
    }
}

extension Task where Failure == any Error {
    /// What a request failed with; `nil` when it was answered, or failed with something else.
    var requestError: RequestError? {
        get async {
            do {
                _ = try await value
                return nil
            } catch {
                return error as? RequestError
            }
        }
    }
}
