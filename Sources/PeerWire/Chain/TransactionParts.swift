/// An output of a transaction, by the transaction's hash and the output's place in it.
public struct Outpoint: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 36

    /// The transaction.
    public var transaction: Hash256
    /// The place of the output, from 0; 0xffffffff in a coinbase input.
    public var index: UInt32

    /// An outpoint from its parts.
    @inlinable
    public init(transaction: Hash256, index: UInt32) {
        self.transaction = transaction
        self.index = index
    }

    /// What a coinbase input spends: nothing.
    public static var coinbase: Outpoint { Outpoint(transaction: .zero, index: .max) }
}

extension Outpoint: CustomStringConvertible {
    /// `hash:index`.
    public var description: String { "\(transaction):\(index)" }
}

/// An input of a transaction. Source: `PROTOCOL` 2.7.
public struct TransactionInput: Hashable, Sendable {
    /// The output it spends.
    public var outpoint: Outpoint
    /// The script that satisfies that output.
    public var script: WireBytes
    /// The sequence number, 0xffffffff when unused.
    public var sequence: UInt32

    /// An input from its parts.
    public init(outpoint: Outpoint, script: WireBytes, sequence: UInt32 = .max) {
        self.outpoint = outpoint
        self.script = script
        self.sequence = sequence
    }

    /// True when it spends nothing, as the only input of a block's first transaction.
    public var isCoinbase: Bool { outpoint == .coinbase }

    /// Outpoint, the shortest length, sequence.
    static let minimumByteCount = Outpoint.byteCount + 1 + 4
}

/// An output of a transaction. Source: `PROTOCOL` 2.7.
public struct TransactionOutput: Hashable, Sendable {
    /// The amount in satoshis; negative numbers are kept as received.
    public var value: Int64
    /// The script field as it stands: a token prefix, if any, and the locking script.
    public var script: WireBytes

    /// An output from its parts.
    public init(value: Int64, script: WireBytes) {
        self.value = value
        self.script = script
    }

    /// Value, the shortest length.
    static let minimumByteCount = 8 + 1
}
