/// What kind of thing an inventory entry names. Unknown kinds are kept. Source: `PROTOCOL` 2.5.
public struct InventoryKind: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The number on the wire.
    public let rawValue: UInt32

    /// A kind from its number; none is refused.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// 1: a transaction, by its txid.
    @inlinable public static var transaction: InventoryKind { InventoryKind(rawValue: 1) }
    /// 2: a block.
    @inlinable public static var block: InventoryKind { InventoryKind(rawValue: 2) }
    /// 3: a block through the bloom filter. Only in `getdata`.
    @inlinable public static var filteredBlock: InventoryKind { InventoryKind(rawValue: 3) }
    /// 4: a compact block. Only in `getdata`.
    @inlinable public static var compactBlock: InventoryKind { InventoryKind(rawValue: 4) }
    /// 0x94a0: a double spend proof.
    @inlinable public static var doubleSpendProof: InventoryKind { InventoryKind(rawValue: 0x94a0) }
}

extension InventoryKind: CustomStringConvertible {
    /// The name of the kind, or its number in hexadecimal.
    public var description: String {
        switch self {
        case .transaction: "tx"
        case .block: "block"
        case .filteredBlock: "filtered block"
        case .compactBlock: "compact block"
        case .doubleSpendProof: "double spend proof"
        default: "0x" + String(rawValue, radix: 16)
        }
    }
}

/// A thing a peer has or wants: its kind and its hash. 36 bytes on the wire. Source: `PROTOCOL` 2.5.
public struct InventoryVector: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 36

    /// What it is.
    public var kind: InventoryKind
    /// Which one.
    public var hash: Hash256

    /// An entry from its parts.
    @inlinable
    public init(kind: InventoryKind, hash: Hash256) {
        self.kind = kind
        self.hash = hash
    }

    /// A transaction by its txid.
    @inlinable public static func transaction(_ hash: Hash256) -> InventoryVector {
        InventoryVector(kind: .transaction, hash: hash)
    }

    /// A block by its hash.
    @inlinable public static func block(_ hash: Hash256) -> InventoryVector {
        InventoryVector(kind: .block, hash: hash)
    }
}

extension InventoryVector: CustomStringConvertible {
    /// Kind and hash.
    public var description: String { "\(kind) \(hash)" }
}
