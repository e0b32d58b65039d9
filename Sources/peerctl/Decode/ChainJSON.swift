import PeerKit

/// Headers, transactions and blocks as JSON fields.
extension JSONWriter {
    mutating func fields(_ message: GetHeadersMessage) {
        field("version", message.version)
        array("locator", message.locator) { $0.hash($1) }
        field("stop", message.stop)
        trailing(message.trailingBytes)
    }

    mutating func fields(_ message: HeadersMessage) {
        let counts = message.transactionCounts
        array("headers", message.headers.enumerated()) { writer, entry in
            writer.object { writer in
                writer.fields(entry.element, hash: entry.element.hash())
                writer.field("transaction_count", counts.indices.contains(entry.offset) ? counts[entry.offset] : 0)
            }
        }
        trailing(message.trailingBytes)
    }

    mutating func fields(_ header: BlockHeader, hash: Hash256) {
        field("hash", hash)
        field("version", header.version)
        field("previous_block", header.previousBlock)
        field("merkle_root", header.merkleRoot)
        field("time", header.time)
        field("bits", header.bits)
        field("nonce", header.nonce)
    }

    mutating func fields(_ transaction: Transaction) {
        field("txid", transaction.hash())
        field("version", transaction.version)
        array("inputs", transaction.inputs) { writer, input in
            writer.object { writer in
                writer.field("txid", input.outpoint.transaction)
                writer.field("index", input.outpoint.index)
                writer.field("script", hex: input.script)
                writer.field("sequence", input.sequence)
            }
        }
        array("outputs", transaction.outputs) { writer, output in
            writer.object { $0.fields(output) }
        }
        field("lock_time", transaction.lockTime)
        trailing(transaction.trailingBytes)
    }

    /// The script field as it stands; where tokens lie ahead of the locking script, both of them as well.
    private mutating func fields(_ output: TransactionOutput) {
        field("value", output.value)
        field("script", hex: output.script)
        guard let token = output.token else { return }
        object("token") { writer in
            writer.field("category", token.category)
            writer.field("nft", token.hasNFT)
            if token.hasNFT {
                writer.field("capability", token.capability.name)
                writer.field("commitment", hex: token.commitment)
            } else {
                writer.null("capability")
                writer.null("commitment")
            }
            writer.field("amount", opaque: token.amount)
        }
        field("locking_script", hex: output.lockingScript)
    }

    mutating func fields(_ block: Block) {
        fields(block.header, hash: block.hash())
        field("transaction_count", block.transactions.count)
        array("txids", block.transactions) { $0.hash($1.hash()) }
        trailing(block.trailingBytes)
    }
}

extension TokenData.Capability {
    fileprivate var name: String {
        switch self {
        case .none: "none"
        case .mutable: "mutable"
        case .minting: "minting"
        }
    }
}
