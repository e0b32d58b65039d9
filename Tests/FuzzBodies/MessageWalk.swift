import PeerWire

/// Looks at everything that a decoded message offers, so that nothing in it traps later.
enum MessageWalk {
    static func visit(_ message: Message) throws(Violation) {
        switch message {
        case .version(let version):
            TextBody.visit(version.userAgent)
            try TextBody.requireText(PeerAddress(version.receiver))
            try TextBody.requireText(PeerAddress(version.sender))
        case .addresses(let list):
            for entry in list.addresses.prefix(20) { try TextBody.requireText(PeerAddress(entry)) }
        case .addressesV2(let list):
            for address in list.addresses.prefix(20) { try TextBody.requireText(address) }
        case .inventory(let list), .getData(let list), .notFound(let list):
            for item in list.items.prefix(20) { try requireDescription(item) }
        case .reject(let reject):
            _ = reject.reason
            try requireDescription(reject.code)
            if let command = reject.command { _ = command.description }
        case .headers(let list):
            for header in list.headers.prefix(20) { try requireDescription(header) }
        case .transaction(let transaction): try TransactionBody.visit(transaction)
        case .block(let block): try BlockBody.visit(block)
        case .extendedVersion(let map): try ExtendedVersionBody.visit(map)
        case .merkleBlock(let block): try MerkleBody.visit(block)
        case .filterLoad(let filter): try BloomBody.visit(filter)
        case .compactBlock(let block): try CompactBody.visit(block)
        case .blockTransactions(let answer):
            for transaction in answer.transactions { try TransactionBody.visit(transaction) }
        case .committedFilter(let filter): try GolombBody.visit(filter)
        case .committedFilterHeaders(let list):
            let headers = list.filterHeaders()
            try require(headers.count == list.filterHashes.count, "\(headers.count) filter headers")
        case .doubleSpendProof(let proof): try visit(proof)
        default: break
        }
    }

    static func requireDescription(_ value: some CustomStringConvertible) throws(Violation) {
        try require(!value.description.isEmpty, "a value without a description")
    }

    private static func visit(_ proof: DoubleSpendProofMessage) throws(Violation) {
        _ = proof.id
        for spender in [proof.firstSpender, proof.secondSpender] {
            let pushes = Array(spender.pushes)
            try require(pushes.count == spender.pushes.count, "\(pushes.count) pushes of \(spender.pushes.count)")
            let again = DoubleSpendProofMessage.Pushes(pushes)
            try require(again == spender.pushes, "pushes are not equal to themselves")
        }
        let ordered = DoubleSpendProofMessage(
            outpoint: proof.outpoint, ordering: proof.firstSpender, proof.secondSpender)
        let sound: Void? = try attempt { () throws(DoubleSpendProofError) in try proof.validate() }
        if sound != nil {
            try require(ordered.id == proof.id, "a sound proof is in another order")
        }
    }
}
