/// Finds the locking script in the script field of an output: filters look at it without the token prefix.
///
/// Source: `PROTOCOL` 2.8, 8 (29).
enum LockingScript {
    private static let tokenPrefix: UInt8 = 0xef
    /// Prefix, category, bits.
    private static let shortestPrefix = 1 + Hash256.byteCount + 1

    /// Where the locking script begins: behind the token prefix, or at 0 when there is none that can be parsed.
    static func start(in field: RawSpan) -> Int {
        guard field.byteCount > 0, field.loadUInt8(0) == tokenPrefix else { return 0 }
        return tokenEnd(in: field) ?? 0
    }

    /// The bytes of the locking script in the field.
    static func range(in field: RawSpan) -> Range<Int> { start(in: field)..<field.byteCount }

    private static func tokenEnd(in field: RawSpan) -> Int? {
        guard field.byteCount >= shortestPrefix else { return nil }
        let bits = field.loadUInt8(shortestPrefix - 1)
        let (hasCommitment, hasToken, hasAmount) = (bits & 0x40 != 0, bits & 0x20 != 0, bits & 0x10 != 0)
        let capability = bits & 0x0f
        guard bits & 0x80 == 0, hasToken || hasAmount, capability <= 2 else { return nil }
        if !hasToken, capability != 0 || hasCommitment { return nil }
        var offset = shortestPrefix
        do throws(DecodeError) {
            if hasCommitment {
                let commitment = try field.readByteRange(at: &offset, "commitment")
                if commitment.isEmpty { return nil }
            }
            if hasAmount {
                let amount = try CompactSize.decode(from: field, at: &offset, maximum: UInt64(Int64.max), "amount")
                if amount == 0 { return nil }
            }
        } catch {
            return nil
        }
        return offset
    }
}
