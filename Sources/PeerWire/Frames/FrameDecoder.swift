/// Cuts the stream of a peer into frames.
///
/// Push style: give it what was received and take frames until it returns `nil`; keep it for the next piece. A frame
/// that lies whole in the input is not copied and costs no allocation. Of one that does not, the header is kept inline
/// and the payload collected, in memory that grows with what has arrived: the declared length alone reserves nothing.
///
/// A header is judged when it is whole, in this order: a length over that of every command, the magic, the characters
/// of the command, the length for this command. Source: `PROTOCOL` 1.1, 1.5.
public struct FrameDecoder: Sendable {
    /// Payloads from this length on are hashed as their pieces arrive, while these are in the processor's caches: 64
    /// KiB.
    static let hashedInPiecesFrom = 65_536

    /// How far memory for a payload may be ahead of the bytes received: 256 KiB.
    public static let maximumReserveAhead = 262_144

    /// How many times the bytes received the memory reserved for a long payload may be: 128. It is address space, taken
    /// in one step as a rule: an allocation in between would be copied, and leave a hole that the next payload of the
    /// same size does not fit. No claim of a length takes more than its sender pays for.
    static let maximumReserveFactor = 128

    let magic: UInt32
    /// Bytes of the current header kept so far, 0...24. 24 means that the header was checked and its payload follows.
    var headerCount: UInt8 = 0
    /// Set when framing is lost: why, with the header that lost it still kept.
    var isLost = false
    /// Bytes of a refused payload still to be passed over.
    var skipCount: UInt32 = 0
    var header: InlineArray<24, UInt8> = InlineArray(repeating: 0)
    var collected: [UInt8] = []
    /// The hash of what was collected of a long payload; of nothing else, as its state is larger than all of this.
    var hashing: [SHA256d] = []

    /// A decoder at the start of a stream.
    ///
    /// - Parameter magic: ``Network/magic`` of the network.
    public init(magic: UInt32) {
        self.magic = magic
    }

    /// Bytes of an unfinished frame held here: its header and what of its payload has arrived.
    public var bufferedByteCount: Int { Int(headerCount) + collected.count }

    /// Bytes of memory held beyond this value itself, which may be ahead of ``bufferedByteCount`` by
    /// ``maximumReserveAhead``. For payloads over 1 MiB it is address space for up to 128 times what has arrived, once
    /// that is 256 KiB; memory follows use.
    public var reservedByteCount: Int { collected.capacity }

    /// True when a frame has begun and is not whole. At the end of a stream this means that it was cut.
    public var isMidFrame: Bool { headerCount > 0 || skipCount > 0 }

    /// The next whole frame of the stream, or `nil` when `input` is used up.
    ///
    /// - Parameters:
    ///   - input: bytes of the stream, following those of the last call.
    ///   - offset: where in `input` to go on, within it; advances past what was taken. Begin each new input with 0 and
    ///     call until `nil` comes.
    ///   - limits: payload limits.
    ///   - phase: whether the handshake is done; decides the limit when a header is complete.
    ///   - verifyChecksumUpTo: payloads longer than this come out unverified, for a worker to call
    ///     ``Frame/verify(in:)``. Others are hashed here: in one go when they lie in the input, long ones that do not
    ///     as their pieces arrive.
    ///   - registry: the application's own messages, which have limits of their own.
    /// - Throws: after an error that `isRecoverable` the next call goes on with the frame after the bad one. After any
    ///   other framing is lost, and each further call throws the same.
    public mutating func nextFrame(
        in input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        verifyChecksumUpTo: Int = .max, registry: MessageRegistry? = nil
    ) throws(FrameError) -> Frame? {
        precondition(offset >= 0 && offset <= input.byteCount, "the offset is not one of the input")
        if headerCount == 0, skipCount == 0 {
            let available = input.byteCount - offset
            if available <= 0 { return nil }
            if available >= Frame.headerByteCount {
                let header = try checkedHeader(input, at: &offset, limits: limits, phase: phase, registry: registry)
                if available - Frame.headerByteCount >= header.length {
                    let start = offset + Frame.headerByteCount
                    offset = start + header.length
                    return try makeFrame(
                        header, .inInput(start..<offset), in: input, verifyChecksumUpTo: verifyChecksumUpTo)
                }
            }
        }
        return try nextInPieces(
            in: input, at: &offset, limits: limits, phase: phase, verifyChecksumUpTo: verifyChecksumUpTo,
            registry: registry)
    }

    /// A header in the input; a malformed command moves past it and has its payload skipped.
    @inline(__always)
    private mutating func checkedHeader(
        _ input: RawSpan, at offset: inout Int, limits: borrowing WireLimits, phase: WirePhase,
        registry: borrowing MessageRegistry?
    ) throws(FrameError) -> FrameHeader {
        do throws(FrameError) {
            return try FrameHeader(input, at: offset, magic: magic, limits: limits, phase: phase, registry: registry)
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

    /// A whole frame, hashed unless that was done already or is left to the caller.
    ///
    /// - Parameter hashed: the checksum of the payload if it was hashed as it came.
    func makeFrame(
        _ header: FrameHeader, _ payload: FramePayload, in input: RawSpan, verifyChecksumUpTo: Int,
        hashed: UInt32? = nil
    ) throws(FrameError) -> Frame {
        let verifies = header.length <= verifyChecksumUpTo
        let frame = Frame(
            command: header.command, kind: header.kind, length: header.length, checksum: header.checksum,
            isChecksumVerified: verifies, payload: payload)
        if verifies {
            let actual = hashed ?? frame.withPayload(in: input) { SHA256d.checksum($0) }
            if actual != header.checksum {
                throw .checksumMismatch(header.command, expected: header.checksum, actual: actual)
            }
        }
        return frame
    }
}
