import DequeModule

/// Bytes on their way, in the pieces in which they were written: nothing is copied until they are read.
struct ByteQueue {
    private struct Piece {
        let bytes: [UInt8]
        var start: Int
        let end: Int
    }

    private var pieces = Deque<Piece>()
    private(set) var count = 0

    mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
        if range.isEmpty { return }
        pieces.append(Piece(bytes: bytes, start: range.lowerBound, end: range.upperBound))
        count += range.count
    }

    /// Moves the first `byteCount` bytes to the end of `output`.
    mutating func read(_ byteCount: Int, into output: inout [UInt8]) {
        precondition(byteCount <= count, "more bytes were read than are there")
        var left = byteCount
        while left > 0, let piece = pieces.first {
            let taken = min(left, piece.end - piece.start)
            output.append(contentsOf: piece.bytes[piece.start..<(piece.start + taken)])
            left -= taken
            if piece.start + taken == piece.end {
                pieces.removeFirst()
            } else {
                pieces[0].start += taken
            }
        }
        count -= byteCount
    }

    mutating func removeAll() {
        pieces.removeAll()
        count = 0
    }
}
