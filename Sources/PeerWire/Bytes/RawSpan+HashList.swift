extension RawSpan {
    /// A CompactSize, then that many hashes, in one allocation that is paid for by bytes received.
    func readHashes(
        at offset: inout Int, maximum: Int, _ field: FieldName
    ) throws(DecodeError) -> [Hash256] {
        let count = try readCount(at: &offset, maximum: maximum, itemSize: Hash256.byteCount, field)
        let start = offset
        let hashes = [Hash256](room: count) { output in
            for index in 0..<count { output.append(loadHash(start + index * Hash256.byteCount)) }
        }
        offset += count * Hash256.byteCount
        return hashes
    }
}

extension ByteWriter {
    /// Writes the number of hashes, then the hashes.
    mutating func writeHashes(_ hashes: [Hash256]) {
        writeCount(hashes.count)
        writeBlock(hashes.count * Hash256.byteCount) { bytes, base in
            for index in hashes.indices { bytes.store(hashes[index], at: base + index * Hash256.byteCount) }
        }
    }

    /// Number of bytes that ``writeHashes(_:)`` takes.
    static func encodedLength(_ hashes: [Hash256]) -> Int {
        CompactSize.encodedLength(hashes.count) + hashes.count * Hash256.byteCount
    }

    /// Number of bytes that a length and so many bytes take.
    static func encodedLength(byteCount: Int) -> Int { CompactSize.encodedLength(byteCount) + byteCount }
}
