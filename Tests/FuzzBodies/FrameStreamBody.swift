import PeerWire

/// The bytes are a stream. Cut in pieces it must give the same frames and the same errors as in one, in memory that
/// follows what has arrived.
///
/// Settings: network and handshake (1 byte), options (1), seed of the pieces (1), length of a frame that is put at the
/// end (1); then the stream.
enum FrameStreamBody {
    static func run(_ input: [UInt8]) throws(Violation) -> Int {
        let count = input.count
        var input = FuzzInput(input)
        let first = input.byte()
        let options = input.byte()
        let pieces = input.byte()
        let extra = input.byte()
        let setup = try FrameStreamSetup(first: first, options: options)
        var stream = input.rest()
        if options & 0x20 != 0 { setup.repair(&stream) }
        if options & 0x40 != 0 { setup.appendFrame(&stream, extra) }
        let whole = try FrameCutting.cut(stream, setup, pieces: nil)
        let parts = try FrameCutting.cut(stream, setup, pieces: pieces)
        try whole.requireSame(as: parts)
        return max(count, stream.count)
    }

    static var seeds: [[UInt8]] {
        let samples = Samples.messages
        var seeds: [[UInt8]] = []
        for (place, network) in Network.allCases.enumerated() {
            var stream: [UInt8] = []
            for message in samples.dropFirst(place).prefix(5) {
                stream += (try? message.frame(magic: network.magic)) ?? []
            }
            let settings = FuzzSeed(UInt8(place), UInt8(0x23 &* place), UInt8(place &* 41), UInt8(place &* 37))
            seeds.append(settings.adding(stream).bytes)
        }
        for message in samples {
            guard let frame = try? message.frame(magic: Network.mainnet.magic) else { continue }
            if frame.count < 600 { seeds.append(FuzzSeed(0, 0x20, 3, 0).adding(frame).bytes) }
        }
        for length: UInt8 in [0x0a, 0x4f, 0x92, 0xd3, 0xf4] {
            seeds.append(FuzzSeed(7, 0x60 | length & 3, length, length).bytes)
        }
        let odd = (try? Message.unknown(Command(low: 0x6f_006f, high: 0), [1, 2]).frame(magic: 0xe8f3_e1e3)) ?? []
        seeds.append(FuzzSeed(0, 0x20, 1, 0).adding(odd).adding(odd).bytes)
        var malformed = odd
        malformed[5] = 0x80
        seeds.append(FuzzSeed(0, 0, 1, 0).adding(malformed).adding(odd).bytes)
        return seeds
    }

    static func seed(_ command: String, _ payload: [UInt8]) -> [UInt8]? {
        guard let command = Command(command) else { return nil }
        var stream = FrameStreamSetup.header(command, payload, magic: Network.mainnet.magic)
        stream += payload
        return FuzzSeed(0, 0x20, UInt8(truncatingIfNeeded: payload.count), 0).adding(stream).bytes
    }
}

/// How a stream is read.
struct FrameStreamSetup {
    let magic: UInt32
    let limits: WireLimits
    let verifyChecksumUpTo: Int
    let registry: MessageRegistry?
    /// So many frames belong to the handshake.
    let handshakeCount: Int

    init(first: UInt8, options: UInt8) throws(Violation) {
        magic = Network.allCases[Int(first & 7) % Network.allCases.count].magic
        handshakeCount = Int(first >> 6)
        verifyChecksumUpTo = [.max, 0, 40, 100_000][Int(options & 3)]
        var limits = [WireLimits(), .strict, .tight, .wide][Int(options >> 2 & 3)]
        limits.refusesMalformedCommands = first & 0x08 == 0
        if first & 0x10 != 0 { limits.blockLikePayloadCap = 100 }
        self.limits = limits
        registry = options & 0x10 == 0 ? nil : try CustomBody.registry()
    }

    func phase(_ frameCount: Int) -> WirePhase { frameCount < handshakeCount ? .handshake : .established }

    /// Gives each frame the network's magic and the checksum of its payload, which no mutation would find.
    func repair(_ stream: inout [UInt8]) {
        var start = 0
        while stream.count - start >= Frame.headerByteCount {
            let length = Self.length(stream, start)
            let end = start + Frame.headerByteCount + length
            let payload = end <= stream.count ? Array(stream[(start + Frame.headerByteCount)..<end]) : []
            let header = Self.header(Self.command(stream, start), payload, magic: magic)
            stream.replaceSubrange(start..<(start + 4), with: header[..<4])
            if end > stream.count { return }
            stream.replaceSubrange((start + 20)..<(start + 24), with: header[20...])
            start = end
        }
    }

    /// Adds a long frame, perhaps cut off: 1 KiB to 2 MiB.
    func appendFrame(_ stream: inout [UInt8], _ options: UInt8) {
        let length = 1 << (10 + Int(options & 0x0f) % 12)
        let command: Command = [.block, .transaction, .inventory, .blockTransactions][Int(options >> 4 & 3)]
        let payload = [UInt8](repeating: options, count: length - Int(options >> 4))
        stream += Self.header(command, payload, magic: magic)
        stream += options & 0x40 == 0 ? payload[...] : payload.prefix(length / 3)
    }

    static func header(_ command: Command, _ payload: [UInt8], magic: UInt32) -> [UInt8] {
        var writer = ByteWriter(capacity: Frame.headerByteCount)
        writer.writeUInt32(magic)
        writer.writeUInt64(command.low)
        writer.writeUInt32(command.high)
        writer.writeUInt32(UInt32(truncatingIfNeeded: payload.count))
        writer.writeUInt32(Frame(command: command, payload: payload).checksum)
        return writer.finish()
    }

    /// The length that the header at `start`, which must be there, declares.
    static func length(_ stream: [UInt8], _ start: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(stream[start + 16 + $1]) << (8 * $1) }
    }

    private static func command(_ stream: [UInt8], _ start: Int) -> Command {
        let low = (0..<8).reduce(UInt64(0)) { $0 | UInt64(stream[start + 4 + $1]) << UInt64(8 * $1) }
        let high = (0..<4).reduce(UInt32(0)) { $0 | UInt32(stream[start + 12 + $1]) << UInt32(8 * $1) }
        return Command(low: low, high: high)
    }
}
