/// The tokens of a transaction output: those of one category, which may be fungible, one that is not, or both.
///
/// On the wire they lie ahead of the locking script, inside the script field:
///
/// | Field | Bytes |
/// |---|---|
/// | `ef` | 1 |
/// | category | 32 |
/// | bits | 1: 0x40 a commitment is there, 0x20 a non-fungible token, 0x10 an amount, 0x0f the capability |
/// | commitment | CompactSize length, at least 1, and the bytes |
/// | amount | CompactSize, 1 to 9,223,372,036,854,775,807 |
///
/// The script field of a ``TransactionOutput`` stays as it is; this is a view of it. A field that begins with `ef` and
/// does not go on by these rules is a plain script, and no error. Whether tokens may be there at all is a question for
/// validation. Source: `PROTOCOL` 2.8, CHIP-2022-02-CashTokens.
public struct TokenData: Sendable {
    /// What the holder of a non-fungible token may do with it.
    public enum Capability: UInt8, Hashable, Sendable, CaseIterable {
        /// Nothing but pass it on.
        case none = 0
        /// Change its commitment.
        case mutable = 1
        /// Make more of its category.
        case minting = 2
    }

    /// Longest commitment that consensus allows since May 2023: 40 bytes.
    public static let commitmentLimit2023 = 40
    /// Longest commitment that consensus allows since May 2026: 128 bytes.
    public static let commitmentLimit2026 = 128
    /// Largest amount: 9,223,372,036,854,775,807.
    public static let maximumAmount = UInt64(Int64.max)

    /// The category: the hash of the transaction whose output 0 was spent to make it.
    public let category: Hash256
    /// True when a non-fungible token is there.
    public let hasNFT: Bool
    /// The capability of the non-fungible token; `none` when there is no such token.
    public let capability: Capability
    /// What the non-fungible token says; may be empty, and is when there is no such token.
    public let commitment: WireBytes
    /// Number of fungible tokens; 0 when there are none.
    public let amount: UInt64
}

extension TokenData {
    /// Fungible tokens alone.
    ///
    /// - Throws: `inconsistent` unless the amount is in 1...``maximumAmount``.
    public init(category: Hash256, amount: UInt64) throws(EncodeError) {
        if amount == 0 { throw .inconsistent("token amount") }
        try Self.requireAmount(amount)
        self.init(category: category, hasNFT: false, capability: .none, commitment: .empty, amount: amount)
    }

    /// A non-fungible token, with fungible ones of its category or without.
    ///
    /// - Parameters:
    ///   - category: the category.
    ///   - capability: what its holder may do.
    ///   - commitment: what it says; may be empty.
    ///   - amount: number of fungible tokens, or 0.
    ///   - maximumCommitmentLength: the longest commitment that will be accepted where it goes, in bytes.
    /// - Throws: `limitExceeded` for too long a commitment, `inconsistent` for an amount over ``maximumAmount``.
    public init(
        category: Hash256, capability: Capability, commitment: WireBytes = .empty, amount: UInt64 = 0,
        maximumCommitmentLength: Int = TokenData.commitmentLimit2026
    ) throws(EncodeError) {
        try Self.requireAmount(amount)
        let limit = min(maximumCommitmentLength, Int(CompactSize.maximumLength))
        if commitment.count > limit {
            throw .limitExceeded(field: "token commitment", value: commitment.count, limit: limit)
        }
        self.init(category: category, hasNFT: true, capability: capability, commitment: commitment, amount: amount)
    }

    private static func requireAmount(_ amount: UInt64) throws(EncodeError) {
        if amount > maximumAmount { throw .inconsistent("token amount") }
    }
}

extension TokenData: Hashable {}

extension TokenData: CustomStringConvertible {
    /// One line.
    public var description: String {
        let fungible = amount > 0 ? ["\(amount)"] : []
        let other = hasNFT ? ["NFT (\(capability)) \(commitment)"] : []
        return "token \(category): " + (fungible + other).joined(separator: ", ")
    }
}
