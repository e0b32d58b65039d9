extension OutputRawSpan {
    /// Appends a copy of `bytes`, which must fit.
    mutating func append(copying bytes: RawSpan) {
        precondition(bytes.byteCount <= freeCapacity, "more bytes than the buffer has room for")
        withUnsafeMutableBytes { buffer, count in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: source)
            }
            count += bytes.byteCount
        }
    }
}
