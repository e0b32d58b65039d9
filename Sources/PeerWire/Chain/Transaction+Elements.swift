extension Transaction {
    /// The inputs, each made when it is asked for.
    public struct Inputs: RandomAccessCollection, Sendable {
        let transaction: Transaction
        let elements: Range<Int>

        /// Always 0.
        public var startIndex: Int { 0 }
        /// Number of inputs.
        public var endIndex: Int { elements.count }

        /// The input at a place from 0.
        public subscript(position: Int) -> TransactionInput {
            precondition(position >= 0 && position < elements.count, "input out of range")
            let offset = transaction.storage.element(elements.lowerBound + position)
            let bytes = transaction.storage.bytes
            let span = bytes.span.bytes
            let script = span.knownByteRange(at: offset + Outpoint.byteCount)
            return TransactionInput(
                outpoint: Outpoint(transaction: span.loadHash(offset), index: span.loadUInt32(offset + 32)),
                script: WireBytes(trusting: bytes, script),
                sequence: span.loadUInt32(script.upperBound))
        }
    }

    /// The outputs, each made when it is asked for.
    public struct Outputs: RandomAccessCollection, Sendable {
        let transaction: Transaction
        let elements: Range<Int>

        /// Always 0.
        public var startIndex: Int { 0 }
        /// Number of outputs.
        public var endIndex: Int { elements.count }

        /// The output at a place from 0.
        public subscript(position: Int) -> TransactionOutput {
            precondition(position >= 0 && position < elements.count, "output out of range")
            let offset = transaction.storage.element(elements.lowerBound + position)
            let bytes = transaction.storage.bytes
            let span = bytes.span.bytes
            return TransactionOutput(
                value: Int64(bitPattern: span.loadUInt64(offset)),
                script: WireBytes(trusting: bytes, span.knownByteRange(at: offset + 8)))
        }
    }

    /// The inputs in order.
    public var inputs: Inputs { Inputs(transaction: self, elements: storage.inputs(index)) }

    /// The outputs in order.
    public var outputs: Outputs { Outputs(transaction: self, elements: storage.outputs(index)) }
}
