extension FrameDecoder {
    /// The work of `nextFrame`: the whole frames of an input first, then what does not fit.
    mutating func next(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        verifyChecksumUpTo: Int
    ) throws(FrameError) -> Frame? {
        if headerCount == 0, skipCount == 0 {
            let available = input.byteCount - offset
            if available <= 0 { return nil }
            if available >= Frame.headerByteCount {
                let header = try checkedHeader(input, at: &offset, limits: limits, phase: phase)
                if available - Frame.headerByteCount >= header.length {
                    let start = offset + Frame.headerByteCount
                    offset = start + header.length
                    return try makeFrame(
                        header, .inInput(start..<offset), in: input, verifyChecksumUpTo: verifyChecksumUpTo)
                }
            }
        }
        return try nextInPieces(
            in: input, at: &offset, limits: limits, phase: phase, verifyChecksumUpTo: verifyChecksumUpTo)
    }

    /// A header in the input; a malformed command moves past it and has its payload skipped.
    @inline(__always)
    private mutating func checkedHeader(
        _ input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase
    ) throws(FrameError) -> FrameHeader {
        do throws(FrameError) {
            return try FrameHeader(input, at: offset, magic: magic, limits: limits, phase: phase)
        } catch {
            let start = offset
            offset += Frame.headerByteCount
            if case .malformedCommand(_, let length) = error {
                skipCount = UInt32(truncatingIfNeeded: length)
            } else {
                keepLostHeader(input, at: start)
            }
            throw error
        }
    }

    /// Framing is lost: every further call judges this header again.
    @inline(never)
    private mutating func keepLostHeader(_ input: RawSpan, at start: Int) {
        for index in 0..<Frame.headerByteCount { header[index] = input.loadUInt8(start + index) }
        headerCount = UInt8(Frame.headerByteCount)
        isLost = true
    }

    @inline(never)
    private mutating func nextInPieces(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        verifyChecksumUpTo: Int
    ) throws(FrameError) -> Frame? {
        if skipCount > 0 {
            let skipped = min(Int(skipCount), input.byteCount - offset)
            offset += skipped
            skipCount -= UInt32(skipped)
            if skipCount > 0 { return nil }
            return try next(
                in: input, at: &offset, limits: limits, phase: phase, verifyChecksumUpTo: verifyChecksumUpTo)
        }
        guard let header = try collectHeader(in: input, at: &offset, limits: limits, phase: phase) else { return nil }
        let missing = header.length - collected.count
        let available = input.byteCount - offset
        if collected.isEmpty, available >= missing {
            // Only the header was cut: the payload is whole here.
            let start = offset
            offset += missing
            headerCount = 0
            return try makeFrame(
                header, .inInput(start..<offset), in: input, verifyChecksumUpTo: verifyChecksumUpTo)
        }
        let taken = min(missing, available)
        collect(input, offset..<(offset + taken), declared: header.length)
        offset += taken
        if taken < missing { return nil }
        let payload = collected
        collected = []
        headerCount = 0
        return try makeFrame(header, .collected(payload), in: input, verifyChecksumUpTo: verifyChecksumUpTo)
    }

    /// Completes the kept header from the input. `nil` when the input ends before it.
    private mutating func collectHeader(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase
    ) throws(FrameError) -> FrameHeader? {
        let wasComplete = headerCount == Frame.headerByteCount
        while headerCount < Frame.headerByteCount {
            // The magic is judged as soon as it is there, and again on each call when it is wrong.
            if headerCount == 4 { try checkMagic() }
            guard offset < input.byteCount else { return nil }
            header[Int(headerCount)] = input.loadUInt8(offset)
            headerCount += 1
            offset += 1
        }
        if wasComplete, !isLost { return keptHeader }
        do throws(FrameError) {
            isLost = false
            return try FrameHeader(header.span.bytes, at: 0, magic: magic, limits: limits, phase: phase)
        } catch {
            if case .malformedCommand(_, let length) = error {
                headerCount = 0
                skipCount = UInt32(truncatingIfNeeded: length)
            } else {
                isLost = true
            }
            throw error
        }
    }

    private func checkMagic() throws(FrameError) {
        let actual = header.span.bytes.loadUInt32(0)
        if actual != magic { throw .wrongMagic(expected: magic, actual: actual) }
    }

    /// A header that was checked before: the limits of that moment count.
    private var keptHeader: FrameHeader { FrameHeader(unchecked: header.span.bytes) }

    /// Takes a piece of the payload. Memory is at most ``maximumReserveAhead`` ahead of the bytes that have arrived, or
    /// the declared length once the frame is known to be a long one that really comes.
    private mutating func collect(_ input: RawSpan, _ range: Range<Int>, declared: Int) {
        if range.isEmpty { return }
        let needed = collected.count + range.count
        if collected.capacity < needed {
            let ahead = Self.maximumReserveAhead
            let reserve = declared > 4 * ahead && needed >= ahead ? declared : min(declared, needed + ahead)
            collected.reserveCapacity(reserve)
        }
        collected.append(copying: input, range)
    }
}
