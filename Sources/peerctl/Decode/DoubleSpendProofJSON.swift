import PeerKit

/// Double spend proofs as JSON fields.
extension JSONWriter {
    /// `sane` says whether this can be a proof at all; the signatures are not checked.
    mutating func fields(_ message: DoubleSpendProofMessage) {
        field("id", message.id)
        field("txid", message.outpoint.transaction)
        field("index", message.outpoint.index)
        do throws(DoubleSpendProofError) {
            try message.validate()
            field("sane", true)
        } catch {
            field("sane", false)
            field("sanity_error", error.description)
        }
        object("first_spender") { $0.fields(message.firstSpender) }
        object("second_spender") { $0.fields(message.secondSpender) }
        trailing(message.trailingBytes)
    }

    private mutating func fields(_ spender: DoubleSpendProofMessage.Spender) {
        field("version", spender.transactionVersion)
        field("sequence", spender.sequence)
        field("lock_time", spender.lockTime)
        field("previous_outputs_hash", spender.previousOutputsHash)
        field("sequence_hash", spender.sequenceHash)
        field("outputs_hash", spender.outputsHash)
        array("pushes", spender.pushes) { $0.string($1.hexadecimal) }
    }
}
