import PeerWire

/// Takes the bytes that steer a body off the front of an input. Past the end everything is zero or empty: any input
/// means something.
struct FuzzInput {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset >= bytes.count }

    mutating func byte() -> UInt8 {
        if isAtEnd { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func uint16() -> UInt16 { UInt16(byte()) | UInt16(byte()) << 8 }
    mutating func uint32() -> UInt32 { UInt32(uint16()) | UInt32(uint16()) << 16 }
    mutating func uint64() -> UInt64 { UInt64(uint32()) | UInt64(uint32()) << 32 }

    mutating func hash() -> Hash256 {
        Hash256(word0: uint64(), word1: uint64(), word2: uint64(), word3: uint64())
    }

    /// The next bytes, as many as there are of `count`.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, offset + count)
        defer { offset = end }
        return Array(bytes[offset..<end])
    }

    /// The bytes after a length of two bytes.
    mutating func chunk() -> [UInt8] {
        let count = Int(uint16())
        return take(count)
    }

    /// What is left.
    mutating func rest() -> [UInt8] { take(bytes.count - offset) }

    /// A transaction and where it ends, if the bytes go on with one.
    mutating func transaction() -> Transaction? {
        if isAtEnd { return nil }
        guard
            case .transaction(let transaction)? = try? Message.decode(
                command: .transaction, payload: Array(bytes[offset...]), limits: .wide)
        else { return nil }
        offset += transaction.byteCount
        return transaction.detached().withoutTrailingBytes()
    }
}

extension Transaction {
    func withoutTrailingBytes() -> Transaction { (try? Transaction(bytes: bytes.array)) ?? self }
}

/// Writes what ``FuzzInput`` reads: for the inputs to begin with.
struct FuzzSeed {
    private(set) var bytes: [UInt8] = []

    init(_ first: UInt8...) {
        bytes = first
    }

    func adding(_ more: [UInt8]) -> FuzzSeed {
        var seed = self
        seed.bytes += more
        return seed
    }

    func adding(_ more: UInt8...) -> FuzzSeed { adding(more) }

    /// With a length ahead, which has two bytes.
    func addingChunk(_ more: [UInt8]) -> FuzzSeed {
        adding([UInt8(truncatingIfNeeded: more.count), UInt8(truncatingIfNeeded: more.count >> 8)]).adding(more)
    }
}
