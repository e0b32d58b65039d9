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

    private mutating func fields(_ header: BlockHeader, hash: Hash256) {
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
            writer.object { writer in
                writer.field("value", output.value)
                writer.field("script", hex: output.script)
            }
        }
        field("lock_time", transaction.lockTime)
        trailing(transaction.trailingBytes)
    }

    mutating func fields(_ block: Block) {
        fields(block.header, hash: block.hash())
        field("transaction_count", block.transactions.count)
        array("txids", block.transactions) { $0.hash($1.hash()) }
        trailing(block.trailingBytes)
    }
}
