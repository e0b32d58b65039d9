/// How much of a peer's requests waits until it has read more. The host keeps the requests themselves.
struct PostponedRequests: Sendable, BitwiseCopyable {
    /// What keeping a request costs besides its frame, in bytes.
    static let overheadByteCount = 64
    /// How many are released at once: more follow with the next deadline, so that no event takes long.
    static let maxReleasedAtOnce: Int32 = 8

    private(set) var byteCount = 0
    private var waiting: Int32 = 0
    private var released: Int32 = 0

    var count: Int { Int(waiting) }
    /// Released and not given back yet.
    var releasedCount: Int { Int(released) }
    var isEmpty: Bool { waiting == 0 }

    mutating func add(frameByteCount: Int) {
        waiting += 1
        byteCount += frameByteCount + Self.overheadByteCount
    }

    /// How many to release now.
    mutating func release() -> Int32 {
        let more = min(waiting - released, Self.maxReleasedAtOnce)
        released += more
        return more
    }

    mutating func gaveBack(frameByteCount: Int) {
        precondition(released > 0, "a postponed request was given back that was not released")
        released -= 1
        waiting -= 1
        byteCount -= frameByteCount + Self.overheadByteCount
    }
}
