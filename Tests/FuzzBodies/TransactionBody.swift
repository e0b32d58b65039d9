import PeerWire

/// The bytes are a transaction. Its parts put together again are the same bytes.
enum TransactionBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        let alone = try attempt { () throws(DecodeError) in try Transaction(bytes: input) }
        let message = try attempt { () throws(DecodeError) in
            try Message.decode(command: .transaction, payload: input, limits: .wide)
        }
        if let alone {
            try require(alone.bytes.array == input, "a transaction of other bytes")
            try require(alone.trailingBytes.isEmpty, "bytes after the end are kept")
            try require(message == .transaction(alone), "alone it is read otherwise")
        }
        guard case .transaction(let transaction)? = message else { return }
        try require(transaction.byteCount + transaction.trailingBytes.count == input.count, "bytes are lost")
        try visit(transaction)
        let inputs = Array(transaction.inputs)
        let outputs = Array(transaction.outputs)
        let again = try expect("a transaction of its parts") { () throws(EncodeError) in
            try Transaction(
                version: transaction.version, inputs: inputs, outputs: outputs, lockTime: transaction.lockTime)
        }
        try require(again.bytes == transaction.bytes, "its parts make another transaction")
        try require(again.hash() == transaction.hash(), "its parts have another hash")
        try require(Array(again.inputs) == inputs && Array(again.outputs) == outputs, "the parts changed")
    }

    /// Looks at all parts.
    static func visit(_ transaction: Transaction) throws(Violation) {
        let frame = Frame(command: .transaction, payload: transaction.bytes.array)
        try require(transaction.hash().checksum == frame.checksum, "the hash is not that of the bytes")
        for input in transaction.inputs {
            try requirePushes(of: input.script)
            try MessageWalk.requireDescription(input.outpoint)
        }
        for output in transaction.outputs { try TokensBody.visit(output) }
        let detached = transaction.detached()
        try require(detached == transaction && detached.hash() == transaction.hash(), "detached it is another")
        try require(detached.byteCount == transaction.byteCount, "detached it has another length")
        try require(!transaction.isCoinbase || transaction.inputs.count == 1, "a coinbase with several inputs")
        try MessageWalk.requireDescription(transaction)
    }

    /// Pushes come in order, and lie in the script.
    static func requirePushes(of script: WireBytes) throws(Violation) {
        try script.withBytes { span throws(Violation) in
            var offset = 0
            var end = 0
            while let push = ScriptReader.nextPush(in: span, at: &offset) {
                try require(push.lowerBound > end || end == 0, "a push begins before the last one's end")
                try require(push.upperBound <= span.byteCount && offset == push.upperBound, "a push past the end")
                end = push.upperBound
            }
            try require(offset == span.byteCount, "the walk ends at \(offset) of \(span.byteCount)")
            _ = ScriptReader.paysToPublicKeys(span)
        }
    }

    static var seeds: [[UInt8]] {
        Samples.transactions.flatMap { [$0.bytes.array, $0.bytes.array + [0xef, 1]] }
    }

    static func seed(_ payload: [UInt8]) -> [UInt8] { payload }
}
