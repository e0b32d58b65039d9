extension Transaction {
    /// Builds a transaction from its parts.
    ///
    /// - Throws: `limitExceeded` when it would not fit in a message: a list or a script over 33,554,432, or all of it
    ///   over 4,294,967,295 bytes.
    public init(
        version: Int32 = 2, inputs: [TransactionInput], outputs: [TransactionOutput], lockTime: UInt32 = 0
    ) throws(EncodeError) {
        let length = try Self.encodedLength(inputs, outputs)
        var writer = ByteWriter(capacity: length)
        var elements: [UInt32] = []
        elements.reserveCapacity(inputs.count + outputs.count)
        writer.writeInt32(version)
        writer.writeCount(inputs.count)
        for input in inputs {
            elements.append(UInt32(truncatingIfNeeded: writer.count))
            writer.writeHash(input.outpoint.transaction)
            writer.writeUInt32(input.outpoint.index)
            writer.writeCount(input.script.count)
            writer.writeBytes(input.script)
            writer.writeUInt32(input.sequence)
        }
        writer.writeCount(outputs.count)
        for output in outputs {
            elements.append(UInt32(truncatingIfNeeded: writer.count))
            writer.writeInt64(output.value)
            writer.writeCount(output.script.count)
            writer.writeBytes(output.script)
        }
        writer.writeUInt32(lockTime)
        let scanner = TransactionScanner(one: 0..<writer.count, elements: elements)
        self.init(TransactionStorage(bytes: writer.finish(), scanned: scanner, contentEnd: length), 0)
    }

    /// The size of all parts together, each checked against what decoders accept.
    private static func encodedLength(
        _ inputs: [TransactionInput], _ outputs: [TransactionOutput]
    ) throws(EncodeError) -> Int {
        try requireLength(inputs.count, "input count")
        try requireLength(outputs.count, "output count")
        var length = 4 + CompactSize.encodedLength(inputs.count) + CompactSize.encodedLength(outputs.count) + 4
        for input in inputs {
            try requireLength(input.script.count, "input script")
            length += Outpoint.byteCount + CompactSize.encodedLength(input.script.count) + input.script.count + 4
        }
        for output in outputs {
            try requireLength(output.script.count, "output script")
            length += 8 + CompactSize.encodedLength(output.script.count) + output.script.count
        }
        if length > WireLimits.maximumDeclarable {
            throw .limitExceeded(field: "transaction", value: length, limit: WireLimits.maximumDeclarable)
        }
        return length
    }

    private static func requireLength(_ value: Int, _ field: FieldName) throws(EncodeError) {
        let limit = Int(CompactSize.maximumLength)
        if value > limit { throw .limitExceeded(field: field, value: value, limit: limit) }
    }
}
