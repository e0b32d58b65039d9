extension FrameDecoder {
    /// The frame that is not whole in one input: header and payload are kept until they are.
    @inline(never)
    mutating func nextInPieces(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        verifyChecksumUpTo: Int, registry: borrowing MessageRegistry?
    ) throws(FrameError) -> Frame? {
        if skipCount > 0 {
            let skipped = min(Int(skipCount), input.byteCount - offset)
            offset += skipped
            skipCount -= UInt32(skipped)
            if skipCount > 0 { return nil }
            return try nextFrame(
                in: input, at: &offset, limits: limits, phase: phase, verifyChecksumUpTo: verifyChecksumUpTo,
                registry: registry)
        }
        guard let header = try collectHeader(in: input, at: &offset, limits: limits, phase: phase, registry: registry)
        else { return nil }
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
        let piece = offset..<(offset + taken)
        hash(input, piece, of: header, verifyChecksumUpTo: verifyChecksumUpTo)
        collect(input, piece, declared: header.length)
        offset += taken
        if taken < missing { return nil }
        let payload = collected
        let hashed = hashing.popLast()?.finish().checksum
        collected = []
        hashing = []
        headerCount = 0
        return try makeFrame(
            header, .collected(payload), in: input, verifyChecksumUpTo: verifyChecksumUpTo, hashed: hashed)
    }

    /// Completes the kept header from the input. `nil` when the input ends before it.
    private mutating func collectHeader(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        registry: borrowing MessageRegistry?
    ) throws(FrameError) -> FrameHeader? {
        let wasComplete = headerCount == Frame.headerByteCount
        while headerCount < Frame.headerByteCount {
            guard offset < input.byteCount else { return nil }
            header[Int(headerCount)] = input.loadUInt8(offset)
            headerCount += 1
            offset += 1
        }
        if wasComplete, !isLost { return keptHeader }
        do throws(FrameError) {
            isLost = false
            return try FrameHeader(
                header.span.bytes, at: 0, magic: magic, limits: limits, phase: phase, registry: registry)
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

    /// The command of the frame that has begun and is not whole; `nil` until its header is.
    public var partialCommand: Command? {
        headerCount == Frame.headerByteCount && !isLost ? keptHeader.command : nil
    }

    /// The payload length that the frame under way declares; 0 until its header is whole.
    public var partialPayloadByteCount: Int { partialCommand == nil ? 0 : keptHeader.length }

    /// A header that was checked before: the limits of that moment count.
    private var keptHeader: FrameHeader { FrameHeader(unchecked: header.span.bytes) }

    /// Adds a piece of a long payload to its hash, from the first piece on.
    private mutating func hash(
        _ input: RawSpan, _ range: Range<Int>, of header: FrameHeader, verifyChecksumUpTo: Int
    ) {
        if range.isEmpty { return }
        if collected.isEmpty, header.length >= Self.hashedInPiecesFrom, header.length <= verifyChecksumUpTo {
            hashing = [SHA256d()]
        }
        if !hashing.isEmpty { hashing[0].update(input.extracting(range)) }
    }

    /// Takes a piece of the payload. Memory is at most ``maximumReserveAhead`` ahead of the bytes that have arrived, or
    /// ``maximumReserveFactor`` times as much once the frame is known to be a long one that really comes.
    private mutating func collect(_ input: RawSpan, _ range: Range<Int>, declared: Int) {
        if range.isEmpty { return }
        reserve(collected.count + range.count, declared: declared)
        collected.append(copying: input, range)
    }

    private mutating func reserve(_ needed: Int, declared: Int) {
        if collected.capacity >= needed { return }
        let ahead = Self.maximumReserveAhead
        let isLong = declared > 4 * ahead && needed >= ahead
        collected.reserveCapacity(min(declared, isLong ? Self.maximumReserveFactor * needed : needed + ahead))
    }

    /// Bytes of the payload under way that have not arrived and that ``collectPayload(upTo:_:)`` may be given: none
    /// while a header is not whole, or of a payload that is hashed as it comes.
    public var missingPayloadByteCount: Int {
        guard headerCount == Frame.headerByteCount, !isLost, !collected.isEmpty, hashing.isEmpty else { return 0 }
        return keptHeader.length - collected.count
    }

    /// Has `read` put the next bytes of the payload under way, at most `limit`, into its memory, and so saves copying
    /// them there. Then ``nextFrame(in:at:limits:phase:verifyChecksumUpTo:registry:)`` with an empty input returns the
    /// frame if it is whole.
    ///
    /// The limit is in bytes, at most ``missingPayloadByteCount``.
    public mutating func collectPayload(upTo limit: Int, _ read: (inout OutputSpan<UInt8>) -> Void) {
        precondition(limit <= missingPayloadByteCount, "more than the payload has left")
        reserve(collected.count + limit, declared: keptHeader.length)
        collected.append(addingCapacity: limit, initializingWith: read)
    }
}
