import PeerKit

/// Compact blocks as JSON fields.
extension JSONWriter {
    /// The places of transactions are `null` when they lie outside the block.
    mutating func fields(_ message: CompactBlockMessage) {
        fields(message.header, hash: message.header.hash())
        field("short_id_nonce", opaque: message.nonce)
        field("transaction_count", message.transactionCount)
        array("short_ids", message.shortIDs) { $0.string($1.description) }
        let prefilled = message.prefilled
        let indexes = prefilled.indexes
        array("prefilled", prefilled.differences.indices) { writer, place in
            writer.object { writer in
                writer.field("difference", prefilled.differences[place])
                if let indexes { writer.field("index", indexes[place]) } else { writer.null("index") }
                writer.object("transaction") { $0.fields(prefilled.transactions[place]) }
            }
        }
        trailing(message.trailingBytes)
    }

    mutating func fields(_ message: GetBlockTransactionsMessage) {
        field("block", message.blockHash)
        array("differences", message.differences) { $0.integer($1) }
        if let indexes = message.indexes {
            array("indexes", indexes) { $0.integer($1) }
        } else {
            null("indexes")
        }
        trailing(message.trailingBytes)
    }

    mutating func fields(_ message: BlockTransactionsMessage) {
        field("block", message.blockHash)
        array("transactions", message.transactions) { writer, transaction in
            writer.object { $0.fields(transaction) }
        }
        trailing(message.trailingBytes)
    }
}
