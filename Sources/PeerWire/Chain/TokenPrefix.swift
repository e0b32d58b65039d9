/// Where the parts of a token prefix are in a script field.
struct TokenPrefix: Sendable {
    /// The first byte of a prefix.
    static let marker: UInt8 = 0xef
    /// Set when a commitment is there.
    static let commitmentBit: UInt8 = 0x40
    /// Set when a non-fungible token is there.
    static let nftBit: UInt8 = 0x20
    /// Set when an amount is there.
    static let amountBit: UInt8 = 0x10
    /// The bits that hold the capability.
    static let capabilityBits: UInt8 = 0x0f
    /// Marker, category, bits.
    static let fixedByteCount = 1 + Hash256.byteCount + 1

    let hasNFT: Bool
    let capability: TokenData.Capability
    /// The commitment's bytes in the script field; empty when there is none.
    private(set) var commitment: Range<Int>
    private(set) var amount: UInt64
    /// Number of bytes of the prefix: where the locking script begins.
    let byteCount: Int

    /// Reads the prefix of a script field; `nil` when there is none or it breaks a rule.
    @inline(__always)
    init?(_ span: RawSpan) {
        guard span.byteCount >= Self.fixedByteCount, span.loadUInt8(0) == Self.marker else { return nil }
        self.init(marked: span)
    }

    @inline(never)
    private init?(marked span: RawSpan) {
        let bits = span.loadUInt8(Self.fixedByteCount - 1)
        let hasCommitment = bits & Self.commitmentBit != 0
        let hasAmount = bits & Self.amountBit != 0
        hasNFT = bits & Self.nftBit != 0
        guard bits & 0x80 == 0, hasNFT || hasAmount,
            let capability = TokenData.Capability(rawValue: bits & Self.capabilityBits),
            hasNFT || (capability == .none && !hasCommitment)
        else { return nil }
        self.capability = capability
        var offset = Self.fixedByteCount
        commitment = offset..<offset
        amount = 0
        do throws(DecodeError) {
            if hasCommitment {
                commitment = try span.readByteRange(at: &offset, "token commitment")
                if commitment.isEmpty { return nil }
            }
            if hasAmount {
                amount = try CompactSize.decode(
                    from: span, at: &offset, maximum: TokenData.maximumAmount, "token amount")
                if amount == 0 { return nil }
            }
        } catch {
            return nil
        }
        byteCount = offset
    }
}

extension TokenData {
    /// Reads the tokens of a script field, sharing it.
    ///
    /// - Parameters:
    ///   - scriptField: the script field of a transaction output, ``TransactionOutput/script``.
    ///   - maximumCommitmentLength: the longest commitment in bytes; a field with a longer one counts as a plain
    ///     script. By default only the field's own length bounds it, as validation is free to refuse more
    ///     (``commitmentLimit2023``, ``commitmentLimit2026``).
    /// - Returns: `nil` when the field is a plain script.
    public init?(scriptField: WireBytes, maximumCommitmentLength: Int = .max) {
        let parts = scriptField.withBytes { span in
            TokenPrefix(span).map { (prefix: $0, category: span.loadHash(1)) }
        }
        guard let (prefix, category) = parts, prefix.commitment.count <= maximumCommitmentLength else { return nil }
        let start = scriptField.range.lowerBound
        self.init(
            category: category, hasNFT: prefix.hasNFT, capability: prefix.capability,
            commitment: WireBytes(
                trusting: scriptField.storage,
                (start + prefix.commitment.lowerBound)..<(start + prefix.commitment.upperBound)),
            amount: prefix.amount)
    }

    /// Number of bytes ahead of the locking script in a script field; `nil` when the field is a plain script.
    @inline(__always)
    static func prefixLength(in span: RawSpan) -> Int? {
        TokenPrefix(span)?.byteCount
    }
}

extension TransactionOutput {
    /// The tokens that come with the output, read on each call; `nil` when there are none.
    public var token: TokenData? { TokenData(scriptField: script) }

    /// The script that guards the output: the script field without the tokens ahead of it, as a view.
    public var lockingScript: WireBytes {
        guard let length = script.withBytes({ TokenData.prefixLength(in: $0) }) else { return script }
        return WireBytes(
            trusting: script.storage, (script.range.lowerBound + length)..<script.range.upperBound)
    }

    /// An output with tokens.
    ///
    /// - Throws: `limitExceeded` when the script field would be over 33,554,432 bytes.
    public init(value: Int64, token: TokenData, lockingScript: WireBytes) throws(EncodeError) {
        self.init(value: value, script: try WireBytes(token: token, lockingScript: lockingScript))
    }
}
