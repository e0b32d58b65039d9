/// The large chunks that were met while the bytes of many connections are counted, and how many connections send each.
public struct SharedChunks {
    private var counts: [UInt: Int] = [:]

    /// None yet.
    public init() {}

    /// False when these bytes, in the same memory, were met before.
    mutating func insert(_ chunk: [UInt8]) -> Bool {
        counts[Self.place(of: chunk), default: 0] += 1
        return count(of: chunk) == 1
    }

    func count(of chunk: [UInt8]) -> Int { counts[Self.place(of: chunk)] ?? 0 }

    private static func place(of chunk: [UInt8]) -> UInt {
        chunk.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }
}

extension Connection {
    /// Bytes that wait to be written, without large chunks, shared with other connections, that `seen` has met before.
    public func pendingByteCount(countingOnce seen: inout SharedChunks) -> Int {
        output?.byteCount { seen.insert($0) ? $1 : 0 } ?? 0
    }

    /// Bytes that wait to be written, of large chunks only this connection's part when others send them too.
    public func pendingByteCount(sharing chunks: SharedChunks) -> Int {
        output?.byteCount { $1 / max(1, chunks.count(of: $0)) } ?? 0
    }
}
