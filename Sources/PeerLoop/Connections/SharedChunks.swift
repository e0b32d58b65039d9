/// The large chunks that were met while the bytes of many connections are counted, each of which counts once.
public struct SharedChunks {
    private var addresses: Set<UInt> = []

    /// None yet.
    public init() {}

    /// False when these bytes, in the same memory, were met before.
    mutating func insert(_ chunk: [UInt8]) -> Bool {
        chunk.withUnsafeBytes { addresses.insert(UInt(bitPattern: $0.baseAddress)).inserted }
    }
}

extension Connection {
    /// Bytes that wait to be written, without large chunks, shared with other connections, that `seen` has met before.
    public func pendingByteCount(countingOnce seen: inout SharedChunks) -> Int {
        output?.byteCount(countingOnce: &seen) ?? 0
    }
}
