import PeerWire

/// Bytes from hexadecimal text; spaces are passed over. Only for literals and vectors known to be well formed.
func hex(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text where !character.isWhitespace {
        guard let digit = character.hexDigitValue.map(UInt8.init) else { return [] }
        if let first = high {
            bytes.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return bytes
}

/// What came out of a decoder, without the input it lay in.
struct CutFrame: Equatable {
    let command: Command
    let checksum: UInt32
    let payload: [UInt8]
}

/// Feeds a stream to a decoder in pieces that end at the given places (and at its end), and collects the frames.
func cut(
    _ stream: [UInt8], endingAt ends: some Sequence<Int>, magic: UInt32 = Network.mainnet.magic,
    limits: WireLimits = WireLimits(), phase: WirePhase = .established
) throws(FrameError) -> (frames: [CutFrame], decoder: FrameDecoder) {
    var decoder = FrameDecoder(magic: magic)
    var frames: [CutFrame] = []
    var start = 0
    func feed(_ end: Int) throws(FrameError) {
        let input = stream.span.bytes.extracting(start..<end)
        var offset = 0
        while let frame = try decoder.nextFrame(in: input, at: &offset, limits: limits, phase: phase) {
            frames.append(
                CutFrame(command: frame.command, checksum: frame.checksum, payload: frame.payloadBytes(in: input)))
        }
        start = end
    }
    for end in ends where end > start && end < stream.count { try feed(end) }
    try feed(stream.count)
    return (frames, decoder)
}

/// Feeds a stream in pieces of one size.
func cut(_ stream: [UInt8], pieces size: Int) throws(FrameError) -> [CutFrame] {
    try cut(stream, endingAt: stride(from: size, to: max(size, stream.count), by: size)).frames
}

/// A small generator of random numbers from a seed (SplitMix64), so that a failing test can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func hash() -> Hash256 {
        Hash256(word0: next(), word1: next(), word2: next(), word3: next())
    }
}

extension FrameDecoder {
    /// The next frame of all of some bytes: for closures, which a span must not enter.
    mutating func frame(
        in bytes: [UInt8], limits: WireLimits = WireLimits(), phase: WirePhase = .established
    ) throws(FrameError) -> Frame? {
        var offset = 0
        return try nextFrame(in: bytes.span.bytes, at: &offset, limits: limits, phase: phase)
    }
}

/// Reads a CompactSize from all of some bytes: for closures, which a span must not enter.
func decodeCompactSize(
    _ bytes: [UInt8], at offset: inout Int, maximum: UInt64 = CompactSize.maximumLength,
    field: FieldName = "CompactSize"
) throws(DecodeError) -> UInt64 {
    try CompactSize.decodeValue(from: bytes.span.bytes, at: &offset, maximum: maximum, field: field)
}
