/// The 80 bytes that head a block. Source: `PROTOCOL` 2.6.
public struct BlockHeader: Hashable, Sendable, BitwiseCopyable {
    /// Number of bytes on the wire.
    public static let byteCount = 80

    /// The version, whose bits also carry votes.
    public var version: Int32
    /// Hash of the block before this one; zero in a genesis block.
    public var previousBlock: Hash256
    /// Root of the tree of the block's transaction hashes.
    public var merkleRoot: Hash256
    /// When the block was made, in seconds since 1970, as its miner says.
    public var time: UInt32
    /// The target of the proof of work in compact form.
    public var bits: UInt32
    /// The number that made the proof of work come true.
    public var nonce: UInt32

    /// A header from its fields.
    public init(
        version: Int32, previousBlock: Hash256, merkleRoot: Hash256, time: UInt32, bits: UInt32, nonce: UInt32
    ) {
        self.version = version
        self.previousBlock = previousBlock
        self.merkleRoot = merkleRoot
        self.time = time
        self.bits = bits
        self.nonce = nonce
    }

    /// A header from its 80 bytes; `nil` for another number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(loading: bytes.span.bytes, at: 0)
    }

    /// The 80 bytes of the header.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        encode(into: &writer)
        return writer.finish()
    }

    /// The block's hash: double SHA-256 of the 80 bytes, computed on each call.
    public func hash() -> Hash256 { SHA256d.hash(bytes) }

    /// The hashes of many headers, which takes less time than one by one.
    public static func hashes(of headers: [BlockHeader]) -> [Hash256] {
        var writer = ByteWriter(capacity: headers.count * byteCount)
        for header in headers { header.encode(into: &writer) }
        let bytes = writer.finish()
        return SHA256d.hashes(of: bytes.span.bytes, each: byteCount)
    }
}

extension BlockHeader {
    /// Reads 80 bytes, which must be there.
    @inline(__always)
    init(loading span: RawSpan, at offset: Int) {
        let timeAndBits = span.loadUInt64(offset + 68)
        self.init(
            version: Int32(bitPattern: span.loadUInt32(offset)), previousBlock: span.loadHash(offset + 4),
            merkleRoot: span.loadHash(offset + 36), time: UInt32(truncatingIfNeeded: timeAndBits),
            bits: UInt32(truncatingIfNeeded: timeAndBits >> 32), nonce: span.loadUInt32(offset + 76))
    }

    @inline(__always)
    static func decode(from span: RawSpan, at offset: inout Int) throws(DecodeError) -> BlockHeader {
        try span.require(byteCount, at: offset, "header")
        defer { offset += byteCount }
        return BlockHeader(loading: span, at: offset)
    }

    @inline(__always)
    func encode(into writer: inout ByteWriter) {
        writer.writeBlock(Self.byteCount) { bytes, base in store(into: &bytes, at: base) }
    }

    @inline(__always)
    func store(into bytes: inout MutableRawSpan, at base: Int) {
        bytes.store(UInt32(bitPattern: version), at: base)
        bytes.store(previousBlock, at: base + 4)
        bytes.store(merkleRoot, at: base + 36)
        bytes.store(UInt64(bits) << 32 | UInt64(time), at: base + 68)
        bytes.store(nonce, at: base + 76)
    }
}

extension BlockHeader: CustomStringConvertible {
    /// The block's hash, hashed for the purpose.
    public var description: String { "block header \(hash())" }
}
