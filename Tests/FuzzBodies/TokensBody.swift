import PeerWire

/// The bytes are the script field of an output. Tokens and locking script put together again are the same bytes.
enum TokensBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        let limit = Int(input.byte())
        let before = Int(input.byte() & 7)
        let field = input.rest()
        // As a view of something longer, which the view must not leave.
        let storage = [UInt8](repeating: 0xef, count: before) + field + [0xfd, 0xff, 0xff]
        let view = try require(WireBytes(storage, before..<(before + field.count)), "no view")
        try visit(TransactionOutput(value: 1, script: view))
        let token = TokenData(scriptField: view)
        let limited = TokenData(scriptField: view, maximumCommitmentLength: limit)
        let fits = token.map { $0.commitment.count <= limit } ?? false
        try require(limited == (fits ? token : nil), "the limit of \(limit) is not kept")
    }

    static func visit(_ output: TransactionOutput) throws(Violation) {
        try TransactionBody.requirePushes(of: output.script)
        let locking = output.lockingScript
        guard let token = output.token else {
            return try require(locking == output.script, "bytes of a plain script are left out")
        }
        try TransactionBody.requirePushes(of: locking)
        try require(token.encodedPrefix + locking.array == output.script.array, "a prefix of other bytes")
        let again = try expect("a script field of its parts") { () throws(EncodeError) in
            try WireBytes(token: token, lockingScript: locking)
        }
        try require(again == output.script, "the parts make another script field")
        try require((1...TokenData.maximumAmount).contains(token.amount) || token.hasNFT, "a token that is none")
        let made = try expect("a token of its parts") { () throws(EncodeError) in
            token.hasNFT
                ? try TokenData(
                    category: token.category, capability: token.capability, commitment: token.commitment,
                    amount: token.amount, maximumCommitmentLength: .max)
                : try TokenData(category: token.category, amount: token.amount)
        }
        try require(made == token, "the parts make another token")
        try MessageWalk.requireDescription(token)
    }

    static var seeds: [[UInt8]] {
        Samples.scriptFields.flatMap { field in
            [FuzzSeed(128, 0).adding(field).bytes, FuzzSeed(2, 3).adding(field).bytes]
        }
    }
}
