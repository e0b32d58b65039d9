import PeerWire
import Testing

@Suite struct FrameDecoderTests {
    static let stream = Examples.all.flatMap { $0 }
    static let expected = Examples.all.map { bytes in
        CutFrame(
            command: Command(
                low: (0..<8).reduce(0) { $0 | UInt64(bytes[4 + $1]) << (8 * UInt64($1)) },
                high: (0..<4).reduce(0) { $0 | UInt32(bytes[12 + $1]) << (8 * UInt32($1)) }),
            checksum: (0..<4).reduce(0) { $0 | UInt32(bytes[20 + $1]) << (8 * UInt32($1)) },
            payload: Array(bytes.dropFirst(24)))
    }

    @Test func everySplitGivesTheSameFrames() throws {
        for split in 0...Self.stream.count {
            let (frames, decoder) = try cut(Self.stream, endingAt: [split])
            #expect(frames == Self.expected)
            #expect(!decoder.isMidFrame && decoder.bufferedByteCount == 0)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 23, 24, 25, 100]) func piecesGiveTheSameFrames(_ size: Int) throws {
        #expect(try cut(Self.stream, pieces: size) == Self.expected)
    }

    @Test func wholeFramesAreNotCopied() throws {
        let bytes = Examples.ping + Examples.inventory
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        var offset = 0
        var ranges: [Range<Int>] = []
        while let frame = try decoder.nextFrame(
            in: bytes.span.bytes, at: &offset, limits: WireLimits(), phase: .established)
        {
            guard case .inInput(let range) = frame.payload else {
                Issue.record("copied")
                return
            }
            ranges.append(range)
        }
        #expect(ranges == [24..<32, 56..<bytes.count])
    }

    @Test func decoderIsSmall() {
        #expect(MemoryLayout<FrameDecoder>.size <= 64)
    }

    @Test func theEndOfAStreamCanBeToldFromACut() throws {
        for length in 1..<Examples.ping.count {
            let (frames, decoder) = try cut(Array(Examples.ping.prefix(length)), endingAt: [])
            #expect(frames.isEmpty && decoder.isMidFrame)
            #expect(decoder.bufferedByteCount == length)
        }
    }

    @Test func wrongMagicIsToldWithTheHeaderAndStays() {
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        let error = FrameError.wrongMagic(expected: 0xe8f3_e1e3, actual: 0xf4f3_e5f4)
        #expect(!error.isRecoverable)
        #expect(throws: Never.self) { try decoder.frame(in: hex("f4e5f3f4") + [UInt8](repeating: 1, count: 12)) }
        #expect(throws: Never.self) { try decoder.frame(in: hex("00000000aabbcc")) }
        #expect(throws: error) { try decoder.frame(in: hex("dd")) }
        #expect(throws: error) { try decoder.frame(in: Examples.ping) }
    }

    /// A length that no command may have, the magic, the characters of the command, the length for this command.
    @Test(arguments: [1, 24]) func theOrderOfChecks(_ size: Int) throws {
        func first(_ magic: String, _ command: String, _ length: UInt32) -> FrameError? {
            let frame =
                hex(magic) + hex(command) + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) }
                + hex("00000000")
            do throws(FrameError) {
                _ = try cut(frame, endingAt: stride(from: size, to: 24, by: size))
                return nil
            } catch {
                return error
            }
        }
        let (good, bad) = ("e3e1f3e8", "f4e5f3f4")
        let odd = Command(low: 0xfeff, high: 0)
        let oddBytes = "fffe00000000000000000000"
        let ping = "70696e670000000000000000"
        #expect(
            first(bad, oddBytes, .max)
                == .payloadTooLong(odd, length: Int(UInt32.max), limit: 72_000_000))
        #expect(first(good, ping, 72_000_001) == .payloadTooLong(.ping, length: 72_000_001, limit: 72_000_000))
        #expect(
            first(bad, oddBytes, 72_000_000) == .wrongMagic(expected: 0xe8f3_e1e3, actual: 0xf4f3_e5f4))
        #expect(first(bad, ping, 9) == .wrongMagic(expected: 0xe8f3_e1e3, actual: 0xf4f3_e5f4))
        #expect(first(good, oddBytes, 3_000_000) == .malformedCommand(odd, length: 3_000_000))
        #expect(first(good, ping, 9) == .payloadTooLong(.ping, length: 9, limit: 8))
        #expect(first(good, ping, 8) == nil)
    }

    @Test func zerosInsideACommandAreRefusedWhereAsked() throws {
        let unknown = try Message.unknown(Command(low: 0x62_0061, high: 0), [1]).frame(magic: Network.mainnet.magic)
        let empty = try Message.unknown(Command(low: 0, high: 0), [1]).frame(magic: Network.mainnet.magic)
        var limits = WireLimits()
        for frame in [unknown, empty] { #expect(try cut(frame, endingAt: []).frames.count == 1) }
        limits.refusesCommandsWithInnerZeros = true
        for frame in [unknown, empty] {
            #expect(throws: FrameError.self) { try cut(frame, endingAt: [], limits: limits) }
        }
        #expect(try cut(Examples.ping, endingAt: [], limits: limits).frames.count == 1)
    }

    /// It trapped for a frame that lay in its input, so that fragmentation decided whether a host lived.
    @Test func aFrameLeftInItsInputIsNotVerifiedWithoutIt() throws {
        for (stream, ends) in [(Examples.ping, [Int]()), (Examples.ping, [30]), (Examples.verack, [])] {
            var decoder = FrameDecoder(magic: Network.mainnet.magic)
            var frame: Frame?
            var start = 0
            for end in ends + [stream.count] {
                var offset = 0
                frame = try decoder.nextFrame(
                    in: stream.span.bytes.extracting(start..<end), at: &offset, limits: WireLimits(),
                    phase: .established, verifyChecksumUpTo: -1)
                start = end
            }
            let whole = try #require(frame)
            if ends.isEmpty, !stream.dropFirst(24).isEmpty {
                #expect(throws: FrameError.self) { try whole.verifyCollected() }
            } else {
                #expect(throws: Never.self) { try whole.verifyCollected() }
            }
            #expect(throws: Never.self) { try whole.detached(from: stream.span.bytes).verifyCollected() }
        }
    }

    @Test func wrongMagicInAWholeHeaderStays() {
        var decoder = FrameDecoder(magic: Network.testnet3.magic)
        let error = FrameError.wrongMagic(expected: 0xf4f3_e5f4, actual: 0xe8f3_e1e3)
        #expect(throws: error) { try decoder.frame(in: Examples.ping) }
        #expect(throws: error) { try decoder.frame(in: hex("f4e5f3f4")) }
    }

    @Test(arguments: [1, 5, 1000]) func afterAWrongChecksumTheNextFrameComes(_ size: Int) throws {
        var bad = Examples.inventory
        bad[30] ^= 1
        let results = outcomes(bad + Examples.ping, pieces: size)
        #expect(results.count == 2)
        guard case .failure(.checksumMismatch(.inventory, _, _)) = results[0] else {
            Issue.record("no mismatch")
            return
        }
        #expect(results[1] == .success(.ping))
    }

    @Test(arguments: [1, 5, 1000]) func aMalformedCommandIsPassedOver(_ size: Int) {
        var bad = Examples.inventory
        bad[4] = 0xff
        let results = outcomes(bad + Examples.ping, pieces: size)
        let command = Command(low: 0x76_6eff, high: 0)
        #expect(
            results == [.failure(.malformedCommand(command, length: bad.count - 24)), .success(.ping)])
    }

    @Test func aMalformedCommandMayBeLetThrough() throws {
        var odd = Examples.inventory
        odd[4] = 0xff
        var limits = WireLimits()
        limits.refusesMalformedCommands = false
        let (frames, _) = try cut(odd, endingAt: [], limits: limits)
        #expect(frames.map(\.command) == [Command(low: 0x76_6eff, high: 0)])
    }

    @Test func checksumsOfLongPayloadsCanWait() throws {
        var bytes = Examples.inventory
        bytes[30] ^= 1
        for split in [bytes.count, 40] {
            var decoder = FrameDecoder(magic: Network.mainnet.magic)
            var found: Frame?
            for range in [0..<split, split..<bytes.count] {
                var offset = 0
                let input = bytes.span.bytes.extracting(range)
                if let frame = try decoder.nextFrame(
                    in: input, at: &offset, limits: WireLimits(), phase: .established, verifyChecksumUpTo: 64)
                {
                    found = frame.detached(from: input)
                }
            }
            let frame = try #require(found)
            #expect(!frame.isChecksumVerified)
            #expect(throws: FrameError.self) { try frame.verifyCollected() }
        }
    }

    private func outcomes(_ stream: [UInt8], pieces size: Int) -> [Result<Command, FrameError>] {
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        var results: [Result<Command, FrameError>] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            let input = stream.span.bytes.extracting(start..<min(stream.count, start + size))
            var offset = 0
            var goesOn = true
            while goesOn {
                do throws(FrameError) {
                    let frame = try decoder.nextFrame(
                        in: input, at: &offset, limits: WireLimits(), phase: .established)
                    if let frame { results.append(.success(frame.command)) } else { goesOn = false }
                } catch {
                    results.append(.failure(error))
                    goesOn = error.isRecoverable
                }
            }
        }
        return results
    }
}
