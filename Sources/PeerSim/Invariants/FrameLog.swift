import DequeModule
import PeerWire

/// What tells a frame from others: what its header says.
struct FrameMark: Equatable, BitwiseCopyable {
    let command: Command
    let length: Int
    let checksum: UInt32

    /// The mark of a whole frame.
    init(of frame: [UInt8]) {
        func word(_ place: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(frame[place + $1]) << (8 * UInt32($1)) }
        }
        command = Command(low: UInt64(word(8)) << 32 | UInt64(word(4)), high: word(12))
        length = Int(word(16))
        checksum = word(20)
    }

    init(_ frame: Frame) {
        command = frame.command
        length = frame.length
        checksum = frame.checksum
    }
}

/// The frames of one direction that were given to the transport and not taken off it yet.
struct FrameLog {
    private struct Entry: BitwiseCopyable {
        let mark: FrameMark
        /// Where in the stream the frame ends.
        let end: UInt64
    }

    private var entries = Deque<Entry>()
    private var writtenByteCount: UInt64 = 0
    private var flaw: UInt64?
    /// False where the sender is an adversary, who writes what it likes.
    var isKept = true

    /// What came of comparing a frame with the log.
    enum Match: Equatable {
        case matches
        /// The stream was changed on the way from here on: nothing can be said.
        case unknown
        case differs(expected: FrameMark?)
    }

    mutating func wrote(_ mark: FrameMark) {
        guard isKept else { return }
        writtenByteCount += UInt64(Frame.headerByteCount + mark.length)
        entries.append(Entry(mark: mark, end: writtenByteCount))
    }

    /// Takes off the frame that must come next.
    ///
    /// - Parameter isVerified: whether its checksum was found to agree.
    mutating func received(_ mark: FrameMark, isVerified: Bool) -> Match {
        guard isKept else { return .unknown }
        guard let next = entries.first else { return .differs(expected: nil) }
        if let flaw, next.end > flaw {
            // A frame that was hit in its payload is found out; one hit in its header may pass for another.
            let isHitInPayload = next.end - UInt64(next.mark.length) <= flaw
            end()
            return isHitInPayload && isVerified && next.mark == mark ? .differs(expected: next.mark) : .unknown
        }
        guard next.mark == mark else { return .differs(expected: next.mark) }
        entries.removeFirst()
        return .matches
    }

    /// A bit was turned over on the way. Nothing is expected of what follows.
    mutating func corrupted(at offset: UInt64) { flaw = min(flaw ?? offset, offset) }

    /// How many frames lie wholly within the first so many bytes of the stream and were not taken off.
    func missing(within byteCount: UInt64) -> Int {
        guard isKept, flaw == nil else { return 0 }
        return entries.count { $0.end <= byteCount }
    }

    mutating func end() {
        entries.removeAll()
        isKept = false
    }
}
