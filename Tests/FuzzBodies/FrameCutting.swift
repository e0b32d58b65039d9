import PeerWire

/// What a decoder made of a stream.
struct FrameCutting {
    /// A frame without the input it lay in, or an error.
    enum Event: Equatable {
        case frame(Command, MessageKind?, UInt32, isVerified: Bool, [UInt8])
        case error(FrameError)
    }

    private(set) var events: [Event] = []
    private var frameCount = 0
    private var isLost = false
    private var hasSamePayload = true
    private var decoder: FrameDecoder
    /// Where in the stream the current frame begins.
    private var frameStart = 0

    private init(_ setup: FrameStreamSetup) {
        decoder = FrameDecoder(magic: setup.magic)
    }

    /// Feeds a stream.
    ///
    /// - Parameter pieces: chooses the pieces; `nil` for one.
    static func cut(
        _ stream: [UInt8], _ setup: FrameStreamSetup, pieces: UInt8?
    ) throws(Violation) -> FrameCutting {
        var cutting = FrameCutting(setup)
        var random = SeededGenerator(seed: UInt64(pieces ?? 0))
        var start = 0
        repeat {
            let size = pieces.map { pieceSize(&random, $0, stream.count) } ?? stream.count
            let end = min(stream.count, start + size)
            try cutting.feed(stream, start..<end, setup)
            start = end
        } while start < stream.count && !cutting.isLost
        return cutting
    }

    /// Single bytes, pieces around the length of a header, long ones; not too many of a long stream.
    private static func pieceSize(_ random: inout SeededGenerator, _ choice: UInt8, _ count: Int) -> Int {
        let least = count / 800 + 1
        switch choice & 7 {
        case 0: return least
        case 1: return max(least, Int.random(in: 0...30, using: &random))
        case 2: return max(least, [1, 20, 23, 24, 25, 300][Int.random(in: 0..<6, using: &random)])
        default: return max(least, Int.random(in: 0...(1 << Int.random(in: 1...18, using: &random)), using: &random))
        }
    }

    private mutating func feed(
        _ stream: [UInt8], _ range: Range<Int>, _ setup: FrameStreamSetup
    ) throws(Violation) {
        let span = stream.span.bytes.extracting(range)
        var offset = 0
        while true {
            let before = offset
            do throws(FrameError) {
                let frame = try decoder.nextFrame(
                    in: span, at: &offset, limits: setup.limits, phase: setup.phase(frameCount),
                    verifyChecksumUpTo: setup.verifyChecksumUpTo, registry: setup.registry)
                guard let frame else { break }
                try take(frame, in: span, setup)
            } catch {
                events.append(.error(error))
                try MessageWalk.requireDescription(error)
                if !error.isRecoverable { return try requireLost(span, error, setup) }
                frameStart += Frame.headerByteCount + Self.length(of: error, stream, frameStart)
            }
            try require(offset > before && offset <= span.byteCount, "no progress from \(before) to \(offset)")
        }
        try require(offset == span.byteCount, "\(span.byteCount - offset) bytes were left in the input")
        try requireMemory(stream, received: range.upperBound)
    }

    private mutating func take(
        _ frame: Frame, in span: RawSpan, _ setup: FrameStreamSetup
    ) throws(FrameError) {
        let payload = frame.payloadBytes(in: span)
        let detached = frame.detached(from: span)
        hasSamePayload = hasSamePayload && detached.payloadBytes(in: [UInt8]().span.bytes) == payload
        if !frame.isChecksumVerified { checkLater(detached, frame, in: span) }
        events.append(
            .frame(frame.command, frame.kind, frame.checksum, isVerified: frame.isChecksumVerified, payload))
        frameCount += 1
        frameStart += Frame.headerByteCount + payload.count
    }

    /// A checksum that was left to the caller: with the input and without it the answer is the same.
    private mutating func checkLater(_ detached: Frame, _ frame: Frame, in span: RawSpan) {
        var errors: [FrameError] = []
        do throws(FrameError) { try frame.verify(in: span) } catch { errors.append(error) }
        do throws(FrameError) { try detached.verifyCollected() } catch { errors.append(error) }
        hasSamePayload = hasSamePayload && (errors.isEmpty || errors.count == 2 && errors[0] == errors[1])
    }

    private static func length(of error: FrameError, _ stream: [UInt8], _ start: Int) -> Int {
        if case .malformedCommand(_, let length) = error { return length }
        return FrameStreamSetup.length(stream, start)
    }

    /// Once framing is lost, each further call says so, whatever it is given.
    private mutating func requireLost(
        _ span: RawSpan, _ error: FrameError, _ setup: FrameStreamSetup
    ) throws(Violation) {
        isLost = true
        for count in [span.byteCount, 0] {
            var offset = 0
            var again: FrameError?
            do throws(FrameError) {
                _ = try decoder.nextFrame(
                    in: span.extracting(0..<count), at: &offset, limits: setup.limits,
                    phase: setup.phase(frameCount), verifyChecksumUpTo: setup.verifyChecksumUpTo,
                    registry: setup.registry)
            } catch {
                again = error
            }
            try require(again == error, "after \(error) came \(String(describing: again))")
        }
        try require(decoder.reservedByteCount == 0, "a payload is kept though framing is lost")
    }

    /// Memory is not far ahead of what has arrived, unless the frame is long and really comes.
    private func requireMemory(_ stream: [UInt8], received: Int) throws(Violation) {
        let ahead = FrameDecoder.maximumReserveAhead
        let arrived = max(0, received - frameStart - Frame.headerByteCount)
        // What allocators round up to: whole pages.
        let rounding = 4_096
        var allowed = arrived + ahead + rounding
        if arrived >= ahead {
            let declared = FrameStreamSetup.length(stream, frameStart)
            if declared > 4 * ahead { allowed = max(allowed, min(declared, 128 * arrived) + rounding) }
        }
        let reserved = decoder.reservedByteCount
        try require(reserved <= allowed, "\(reserved) bytes are reserved for \(arrived) that arrived")
        try require(decoder.bufferedByteCount <= max(0, received - frameStart), "more is buffered than has arrived")
        try require(decoder.isMidFrame == (frameStart != received), "mid-frame is \(decoder.isMidFrame)")
    }

    func requireSame(as other: FrameCutting) throws(Violation) {
        for (place, (one, another)) in zip(events, other.events).enumerated() {
            try require(one == another, "event \(place) is \(another) in pieces, \(one) in one")
        }
        try require(hasSamePayload && other.hasSamePayload, "a detached frame differs")
        try require(events.count == other.events.count, "\(other.events.count) events, not \(events.count)")
        try require(decoder.isMidFrame == other.decoder.isMidFrame, "mid-frame in one cut only")
        if isLost { return }
        try require(decoder.bufferedByteCount == other.decoder.bufferedByteCount, "another number of bytes is buffered")
        for case .frame(let command, let kind, let checksum, let isVerified, let payload) in events {
            let frame = Frame(command: command, payload: payload)
            try require(frame.kind == kind, "\(command) is of kind \(String(describing: kind))")
            try require(!isVerified || frame.checksum == checksum, "\(command) has passed with a wrong checksum")
        }
    }
}
