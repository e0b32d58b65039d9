import PeerKit

/// One message of each kind.
enum Samples {
    static let hash = Hash256(word0: 1, word1: 2, word2: 3, word3: 4)
    static let header = BlockHeader(
        version: 1, previousBlock: hash, merkleRoot: hash, time: 1_700_000_000, bits: 1, nonce: 2)

    static func transaction() throws -> Transaction {
        try Transaction(
            inputs: [TransactionInput(outpoint: Outpoint(transaction: hash, index: 3), script: WireBytes([1, 2]))],
            outputs: [TransactionOutput(value: 5, script: WireBytes([6]))], lockTime: 7)
    }

    static func unknown(_ byteCount: Int, fill: UInt8 = 7) -> Message {
        .unknown(Command(low: 0x0078_6f62, high: 0), WireBytes([UInt8](repeating: fill, count: byteCount)))
    }

    static func message(_ kind: MessageKind) throws -> Message {
        switch kind {
        case .version: .version(Raw.version())
        case .verack: .verack
        case .ping: .ping(nonce: 11)
        case .pong: .pong(nonce: 12)
        case .getAddresses: .getAddresses
        case .addresses: .addresses([TimestampedAddress(time: 9, address: .unspecified)])
        case .inventory: .inventory([.transaction(hash)])
        case .reject: .reject(.transaction, .dust, reason: "dust", hash: hash)
        case .getData: .getData([.block(hash)])
        case .notFound: .notFound([.block(hash)])
        case .getHeaders: .getHeaders(locator: [hash])
        case .headers: .headers([header])
        case .transaction: .transaction(try transaction())
        case .block: .block(try Block(header: header, transactions: [transaction()]))
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact(highBandwidth: true)
        case .feeFilter: .feeFilter(rate: 1_000)
        }
    }

    /// Every kind that may be sent once the handshake is done, and an unknown command.
    static func afterHandshake() throws -> [Message] {
        try MessageKind.allCases.filter { $0 != .version && $0 != .verack }.map(message) + [unknown(3)]
    }
}
