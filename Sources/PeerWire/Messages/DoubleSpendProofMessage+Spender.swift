extension DoubleSpendProofMessage {
    /// One of the two transactions of a proof, as far as its signature commits to it.
    ///
    /// Layout: version, sequence, lock time, three hashes, and the pushes: a count, then each with its length.
    public struct Spender: Hashable, Sendable {
        /// The version of the transaction.
        public var transactionVersion: UInt32
        /// The sequence number of the input.
        public var sequence: UInt32
        /// The lock time of the transaction.
        public var lockTime: UInt32
        /// The hash of the outpoints of all inputs.
        public var previousOutputsHash: Hash256
        /// The hash of the sequence numbers of all inputs.
        public var sequenceHash: Hash256
        /// The hash of the outputs.
        public var outputsHash: Hash256
        /// What the input pushes: in a sound proof one signature, with the byte that says what it commits to.
        public var pushes: Pushes

        /// A spender from its parts, with the one signature of a sound proof.
        public init(
            transactionVersion: UInt32, sequence: UInt32, lockTime: UInt32, previousOutputsHash: Hash256,
            sequenceHash: Hash256, outputsHash: Hash256, signature: [UInt8]
        ) {
            self.init(
                transactionVersion: transactionVersion, sequence: sequence, lockTime: lockTime,
                previousOutputsHash: previousOutputsHash, sequenceHash: sequenceHash, outputsHash: outputsHash,
                pushes: Pushes([WireBytes(signature)]))
        }

        /// A spender from its parts, with any number of pushes.
        public init(
            transactionVersion: UInt32, sequence: UInt32, lockTime: UInt32, previousOutputsHash: Hash256,
            sequenceHash: Hash256, outputsHash: Hash256, pushes: Pushes
        ) {
            self.transactionVersion = transactionVersion
            self.sequence = sequence
            self.lockTime = lockTime
            self.previousOutputsHash = previousOutputsHash
            self.sequenceHash = sequenceHash
            self.outputsHash = outputsHash
            self.pushes = pushes
        }

        /// True when this one may be the first of a proof with `other`: ordered by ``outputsHash``, then by
        /// ``previousOutputsHash``, as numbers.
        public func canComeBefore(_ other: Spender) -> Bool {
            outputsHash == other.outputsHash
                ? previousOutputsHash <= other.previousOutputsHash : outputsHash < other.outputsHash
        }
    }
}

extension DoubleSpendProofMessage.Spender {
    static func decode(
        from span: RawSpan, at offset: inout Int, maximumPushLength: Int
    ) throws(DecodeError) -> DoubleSpendProofMessage.Spender {
        DoubleSpendProofMessage.Spender(
            transactionVersion: try span.readUInt32(at: &offset, "spender version"),
            sequence: try span.readUInt32(at: &offset, "spender sequence"),
            lockTime: try span.readUInt32(at: &offset, "spender lock time"),
            previousOutputsHash: try span.readHash(at: &offset, "spender previous outputs"),
            sequenceHash: try span.readHash(at: &offset, "spender sequences"),
            outputsHash: try span.readHash(at: &offset, "spender outputs"),
            pushes: try DoubleSpendProofMessage.Pushes.decode(
                from: span, at: &offset, maximumLength: maximumPushLength))
    }

    var encodedLength: Int { 3 * 4 + 3 * Hash256.byteCount + pushes.list.count }

    func encode(into writer: inout ByteWriter) {
        writer.writeUInt32(transactionVersion)
        writer.writeUInt32(sequence)
        writer.writeUInt32(lockTime)
        writer.writeHash(previousOutputsHash)
        writer.writeHash(sequenceHash)
        writer.writeHash(outputsHash)
        writer.writeBytes(pushes.list)
    }
}
