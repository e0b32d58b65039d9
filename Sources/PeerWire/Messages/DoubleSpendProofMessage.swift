/// The payload of `dsproof-beta`: two signatures that spend the same output, so one of them cheats.
///
/// Layout: the outpoint, then the two ``Spender``s; 386 bytes with signatures of 65 bytes. Anything of this form is
/// read and encoded again exactly; ``validate(maxPushLength:)`` says whether it can be a proof at all. The signatures
/// are not checked. Source: `PROTOCOL` 2.18.
public struct DoubleSpendProofMessage: Hashable, Sendable {
    /// The output that is spent twice.
    public var outpoint: Outpoint
    /// What the signature of one of the transactions commits to, and the signature.
    public var firstSpender: Spender
    /// The same of the other transaction.
    public var secondSpender: Spender
    /// Bytes after the second spender, kept as received; empty in messages made here. They are not part of the proof.
    public var trailingBytes: [UInt8] = []

    /// A proof with its spenders in this order.
    public init(outpoint: Outpoint, firstSpender: Spender, secondSpender: Spender) {
        self.outpoint = outpoint
        self.firstSpender = firstSpender
        self.secondSpender = secondSpender
    }

    /// A proof with its spenders in the one order that ``validate(maxPushLength:)`` accepts.
    public init(outpoint: Outpoint, ordering spender: Spender, _ other: Spender) {
        let isOrdered = spender.canComeBefore(other)
        self.init(
            outpoint: outpoint, firstSpender: isOrdered ? spender : other, secondSpender: isOrdered ? other : spender)
    }

    /// The proof's id, as inventory entries name it: double SHA-256 of its bytes, computed on each call.
    /// ``trailingBytes`` are left out, as they are no part of the proof.
    public var id: Hash256 {
        var writer = ByteWriter(capacity: proofLength)
        encodeProof(into: &writer)
        return SHA256d.hash(writer.finish())
    }
}

extension DoubleSpendProofMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> DoubleSpendProofMessage {
        let outpoint = Outpoint(
            transaction: try span.readHash(at: &offset, "outpoint transaction"),
            index: try span.readUInt32(at: &offset, "outpoint index"))
        let maximum = max(0, limits.maxDoubleSpendProofPushLength)
        let first = try Spender.decode(from: span, at: &offset, maximumPushLength: maximum)
        let second = try Spender.decode(from: span, at: &offset, maximumPushLength: maximum)
        var message = DoubleSpendProofMessage(outpoint: outpoint, firstSpender: first, secondSpender: second)
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    private var proofLength: Int {
        Outpoint.byteCount + firstSpender.encodedLength + secondSpender.encodedLength
    }

    private func encodeProof(into writer: inout ByteWriter) {
        writer.writeHash(outpoint.transaction)
        writer.writeUInt32(outpoint.index)
        firstSpender.encode(into: &writer)
        secondSpender.encode(into: &writer)
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { proofLength + trailingBytes.count }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        for spender in [firstSpender, secondSpender] {
            for push in spender.pushes {
                try EncodeError.require(push.count, atMost: limits.maxDoubleSpendProofPushLength, "push")
            }
        }
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        encodeProof(into: &writer)
        writer.writeBytes(trailingBytes)
    }
}
