/// How much of a peer's requests waits until it has read more. The host keeps the requests themselves.
struct PostponedRequests: Sendable, BitwiseCopyable {
    /// What keeping a request costs besides its frame, in bytes.
    static let overheadByteCount = 64
    /// How many are released at once: more follow with the next deadline, so that no event takes long.
    static let maxReleasedAtOnce: Int32 = 8

    private(set) var byteCount = 0
    private(set) var count: Int32 = 0
    /// Released and not given back yet.
    private(set) var releasedCount: Int32 = 0

    var isEmpty: Bool { count == 0 }

    mutating func add(frameByteCount: Int) {
        count += 1
        byteCount += frameByteCount + Self.overheadByteCount
    }

    /// How many to release now.
    mutating func release() -> Int32 {
        let released = min(count - releasedCount, Self.maxReleasedAtOnce)
        releasedCount += released
        return released
    }

    mutating func gaveBack(frameByteCount: Int) {
        precondition(releasedCount > 0, "a postponed request was given back that was not released")
        releasedCount -= 1
        count -= 1
        byteCount -= frameByteCount + Self.overheadByteCount
    }
}
