/// Why a double spend proof cannot be one, whatever its signatures are. Source: `PROTOCOL` 2.18.
public enum DoubleSpendProofError: Error, Hashable, Sendable, CaseIterable, BitwiseCopyable {
    /// The hash of the transaction whose output is spent is zero.
    case zeroTransaction
    /// The index of that output is over 0x7fffffff.
    case indexTooLarge
    /// A spender has no push, or more than one.
    case pushCount
    /// A push is longer than allowed.
    case pushTooLong
    /// Both spenders are the same.
    case equalSpenders
    /// The spenders are in the wrong order.
    case order
}

extension DoubleSpendProofError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .zeroTransaction: "the transaction is zero"
        case .indexTooLarge: "the index of the output is over 0x7fffffff"
        case .pushCount: "a spender has not exactly one push"
        case .pushTooLong: "a push is too long"
        case .equalSpenders: "both spenders are the same"
        case .order: "the spenders are in the wrong order"
        }
    }
}

extension DoubleSpendProofMessage {
    /// Whether the form is that of a proof; the first rule that fails is thrown. Signatures are not looked at.
    ///
    /// - Parameter maxPushLength: the longest push in bytes: 520, and 10,000 after the rules of May 2025.
    public func validate(
        maxPushLength: Int = WireLimits().maxDoubleSpendProofPushLength
    ) throws(DoubleSpendProofError) {
        if outpoint.transaction.isZero { throw .zeroTransaction }
        if outpoint.index > 0x7fff_ffff { throw .indexTooLarge }
        for spender in [firstSpender, secondSpender] {
            guard spender.pushes.count == 1, let push = spender.pushes.first else { throw .pushCount }
            if push.count > maxPushLength { throw .pushTooLong }
        }
        if firstSpender == secondSpender { throw .equalSpenders }
        if !firstSpender.canComeBefore(secondSpender) { throw .order }
    }
}
