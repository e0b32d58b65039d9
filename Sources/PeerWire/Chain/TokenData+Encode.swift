extension TokenData {
    /// The bytes that go ahead of a locking script.
    public var encodedPrefix: [UInt8] {
        var writer = ByteWriter(capacity: encodedLength)
        encode(into: &writer)
        return writer.finish()
    }

    var encodedLength: Int {
        var length = TokenPrefix.fixedByteCount
        if !commitment.isEmpty { length += CompactSize.encodedLength(commitment.count) + commitment.count }
        if amount > 0 { length += CompactSize.encodedLength(amount) }
        return length
    }

    func encode(into writer: inout ByteWriter) {
        var bits = capability.rawValue
        if hasNFT { bits |= TokenPrefix.nftBit }
        if !commitment.isEmpty { bits |= TokenPrefix.commitmentBit }
        if amount > 0 { bits |= TokenPrefix.amountBit }
        writer.writeUInt8(TokenPrefix.marker)
        writer.writeHash(category)
        writer.writeUInt8(bits)
        if !commitment.isEmpty {
            writer.writeCount(commitment.count)
            writer.writeBytes(commitment)
        }
        if amount > 0 { writer.writeCompactSize(amount) }
    }
}

extension WireBytes {
    /// A script field: tokens, and the locking script that guards them.
    ///
    /// - Throws: `limitExceeded` when it would be over 33,554,432 bytes.
    public init(token: TokenData, lockingScript: WireBytes) throws(EncodeError) {
        let length = token.encodedLength + lockingScript.count
        let limit = Int(CompactSize.maximumLength)
        if length > limit { throw .limitExceeded(field: "script field", value: length, limit: limit) }
        var writer = ByteWriter(capacity: length)
        token.encode(into: &writer)
        writer.writeBytes(lockingScript)
        self.init(writer.finish())
    }
}
