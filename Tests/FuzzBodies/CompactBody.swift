import PeerWire

/// A block put together from a compact block. Either all is given, or a block is taken apart and must come back.
///
/// The first byte chooses. Given: a `cmpctblock`, a `blocktxn` (each with a length of two bytes), transactions. Made:
/// nonce, which transactions are prefilled, which are known (8 bytes each), transactions.
enum CompactBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        if input.byte() & 1 == 0 { try runGiven(&input) } else { try runMade(&input) }
    }

    static func visit(_ message: CompactBlockMessage) throws(Violation) {
        try require(
            message.transactionCount == message.shortIDs.count + message.prefilled.count, "the counts do not add up")
        for id in message.shortIDs { try require(id.rawValue <= ShortTransactionID.maximumValue, "a long short id") }
        for transaction in message.prefilled.transactions { try TransactionBody.visit(transaction) }
        for index in message.prefilled.indexes ?? [] {
            try require(Int(index) < message.transactionCount, "a place past the end")
        }
        try MessageWalk.requireDescription(message)
    }

    private static func transactions(_ input: inout FuzzInput) -> [Transaction] {
        var transactions: [Transaction] = []
        while transactions.count < 64, let transaction = input.transaction() { transactions.append(transaction) }
        return transactions
    }

    private static func begin(_ message: CompactBlockMessage) throws(Violation) -> CompactBlockReconstruction? {
        try attempt { () throws(CompactBlockFailure) in try CompactBlockReconstruction(message) }
    }

    private static func runGiven(_ input: inout FuzzInput) throws(Violation) {
        let given = input.chunk()
        let answer = input.chunk()
        let known = transactions(&input)
        let message = try? Message.decode(command: .compactBlock, payload: given)
        guard case .compactBlock(let compact)? = message else { return }
        try visit(compact)
        guard var work = try begin(compact) else { return }
        for transaction in known { work.add(transaction) }
        try require(work.missingCount == work.missingIndexes.count, "\(work.missingCount) are missing or not")
        try requireSound(work.outcome(), compact)
        let reply = try? Message.decode(command: .blockTransactions, payload: answer)
        guard case .blockTransactions(let transactions)? = reply else { return }
        let missing = work.missingCount
        let outcome = work.fill(with: transactions)
        try requireSound(outcome, compact)
        try require([0, missing].contains(work.missingCount), "an answer was taken in part")
    }

    private static func requireSound(
        _ outcome: CompactBlockReconstruction.Outcome, _ message: CompactBlockMessage
    ) throws(Violation) {
        switch outcome {
        case .complete(let block):
            try require(block.header == message.header, "a block with another header")
            try require(block.merkleRoot() == message.header.merkleRoot, "a block with another root")
            try require(block.transactions.count == message.transactionCount, "a block of another length")
        case .missing(let request): try requireExact(.getBlockTransactions(request))
        case .failed(let failure): try MessageWalk.requireDescription(failure)
        }
    }

    private static func requireExact(_ message: Message) throws(Violation) {
        let payload = try expect("\(message.command)") { () throws(EncodeError) in try message.payload() }
        let again = try expect("\(message.command) again") { () throws(DecodeError) in
            try Message.decode(command: message.command, payload: payload)
        }
        try require(again == message, "\(message.command) is not equal to itself")
    }

    private static func runMade(_ input: inout FuzzInput) throws(Violation) {
        let nonce = input.uint64()
        let prefilledMask = input.uint64()
        let knownMask = input.uint64()
        let transactions = transactions(&input)
        if transactions.isEmpty { return }
        let root = Block.merkleRoot(of: transactions.map { $0.hash() })
        let header = BlockHeader(
            version: 4, previousBlock: .zero, merkleRoot: root, time: 1, bits: 2,
            nonce: UInt32(truncatingIfNeeded: nonce))
        let block = try expect("a block") { () throws(EncodeError) in
            try Block(header: header, transactions: transactions)
        }
        let compact = CompactBlockMessage(block: block, nonce: nonce) { place, _ in
            prefilledMask >> UInt64(place) & 1 != 0
        }
        try requireExact(.compactBlock(compact))
        let again = try expect("a compact block of its parts") { () throws(EncodeError) in
            try CompactBlockMessage(
                header: header, nonce: nonce, shortIDs: ShortTransactionIDs(Array(compact.shortIDs)),
                prefilled: compact.prefilled.entries ?? [])
        }
        try require(again == compact, "its parts make another compact block")
        try visit(compact)
        let work = try begin(compact)
        let isSound = isDistinct(block, compact.key())
        guard var work else { return try require(!isSound, "a sound block is refused") }
        work.add(contentsOf: Samples.transactions)
        for (place, transaction) in transactions.enumerated() where knownMask >> UInt64(place) & 1 != 0 {
            work.add(transaction)
        }
        try finish(&work, block, isSound: isSound)
    }

    /// Gives the transactions that are missing, after answers that will not do.
    private static func finish(
        _ work: inout CompactBlockReconstruction, _ block: Block, isSound: Bool
    ) throws(Violation) {
        var outcome = work.outcome()
        try requireSound(outcome, work.message)
        if case .missing(let request) = outcome {
            let places = work.missingIndexes
            for hash in [Hash256.zero, block.hash()] {
                let wrong = BlockTransactionsMessage(blockHash: hash, transactions: [])
                guard case .failed = work.fill(with: wrong) else { throw Violation("an empty answer was taken") }
            }
            try require(work.missingIndexes == places, "a wrong answer has changed what is missing")
            let answer = try require(
                BlockTransactionsMessage(answering: request, from: block), "the request has no answer")
            try requireExact(.blockTransactions(answer))
            outcome = work.fill(with: answer)
            try requireSound(outcome, work.message)
        }
        if isSound { try require(outcome == .complete(block), "a sound block did not come back: \(outcome)") }
    }

    /// True when no two transactions are the same, or have the same short id.
    private static func isDistinct(_ block: Block, _ key: CompactBlockKey) -> Bool {
        let others = Samples.transactions.map { $0.hash() }
        let hashes = block.transactionHashes()
        let ids = Set(Set(hashes + others).map { key.shortID(of: $0) })
        return Set(hashes).count == hashes.count && ids.count == Set(hashes + others).count
    }

    static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for (place, block) in Samples.blocks.enumerated() {
            let all = Array(block.transactions)
            let bytes = all.flatMap { $0.bytes.array }
            for mask: UInt8 in [0, 0b101, 0xff] {
                let made = FuzzSeed(1, mask, 0, 0, 0, 0, 0, 0, 9, mask, 0, 0, 0, 0, 0, 0, 0)
                seeds.append(made.adding(UInt8(place), mask, 0, 0, 0, 0, 0, 0).adding(bytes).bytes)
                let compact = CompactBlockMessage(block: block, nonce: 7) { index, _ in
                    mask >> UInt8(index & 7) & 1 != 0
                }
                guard let work = try? CompactBlockReconstruction(compact),
                    let payload = try? Message.compactBlock(
                        compact
                    ).payload()
                else { continue }
                var answer: [UInt8] = []
                if case .missing(let request) = work.outcome(),
                    let message = BlockTransactionsMessage(answering: request, from: block)
                {
                    answer = (try? Message.blockTransactions(message).payload()) ?? []
                }
                seeds.append(FuzzSeed(0).addingChunk(payload).addingChunk(answer).bytes)
                seeds.append(FuzzSeed(0).addingChunk(payload).addingChunk([]).adding(bytes).bytes)
            }
        }
        return seeds
    }

    static func seed(_ command: String, _ payload: [UInt8]) -> [UInt8]? {
        switch command {
        case "cmpctblock" where payload.count < 65_536: FuzzSeed(0).addingChunk(payload).bytes
        case "tx":
            FuzzSeed(1).adding([UInt8](repeating: 0, count: 24)).adding(Samples.transactions[0].bytes.array)
                .adding(payload).bytes
        default: nil
        }
    }
}
