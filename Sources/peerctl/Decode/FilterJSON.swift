import PeerKit

/// Bloom filters and what matches them, as JSON fields.
extension JSONWriter {
    mutating func fields(_ message: FilterLoadMessage) {
        field("length", message.filter.count)
        field("filter", hex: message.filter)
        field("hash_functions", message.hashFunctionCount)
        field("tweak", message.tweak)
        field("flags", message.flags.rawValue)
        field("flags_name", message.flags.description)
        trailing(message.trailingBytes)
    }

    mutating func fields(_ message: FilterAddMessage) {
        field("element", hex: message.element)
        trailing(message.trailingBytes)
    }

    /// What the proof says when it is sound, or why it is not.
    mutating func fields(_ message: MerkleBlockMessage) {
        fields(message.header, hash: message.header.hash())
        field("transaction_count", message.transactionCount)
        array("hashes", message.hashes) { $0.hash($1) }
        field("flags", hex: message.flags)
        do throws(PartialMerkleTreeError) {
            array("matches", try message.matches()) { writer, match in
                writer.object { writer in
                    writer.field("index", match.index)
                    writer.field("txid", match.hash)
                }
            }
        } catch {
            null("matches")
            field("proof_error", error.description)
        }
        trailing(message.trailingBytes)
    }
}

/// Committed filters as JSON fields.
extension JSONWriter {
    mutating func fields(_ message: GetCommittedFiltersMessage) {
        field("filter_type", message.filterType.rawValue)
        field("start_height", message.startHeight)
        field("stop", message.stopHash)
    }

    mutating func fields(_ message: GetCommittedFilterCheckpointsMessage) {
        field("filter_type", message.filterType.rawValue)
        field("stop", message.stopHash)
    }

    mutating func fields(_ message: CommittedFilterMessage) {
        field("filter_type", message.filterType.rawValue)
        field("block", message.blockHash)
        field("length", message.filter.count)
        field("filter", hex: message.filter)
        trailing(message.trailingBytes)
    }

    mutating func fields(_ message: CommittedFilterHeadersMessage) {
        field("filter_type", message.filterType.rawValue)
        field("stop", message.stopHash)
        field("previous_filter_header", message.previousFilterHeader)
        array("filter_hashes", message.filterHashes) { $0.hash($1) }
        trailing(message.trailingBytes)
    }

    mutating func fields(_ message: CommittedFilterCheckpointsMessage) {
        field("filter_type", message.filterType.rawValue)
        field("stop", message.stopHash)
        array("filter_headers", message.filterHeaders) { $0.hash($1) }
        trailing(message.trailingBytes)
    }
}
