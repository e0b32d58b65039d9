import PeerKit

/// Turns a stream into lines of JSON, one for each frame.
struct FrameLines: ~Copyable {
    /// What decoding and encoding depend on.
    struct Settings {
        let network: Network
        let protocolVersion: ProtocolVersion
        let reencodes: Bool

        /// The lists and payloads that nodes of the network accept after the handshake: a capture may begin anywhere.
        var limits: WireLimits {
            var limits = WireLimits(network: network)
            // A frame with such a command is whole all the same: it is read, and reported with its length and checksum.
            limits.refusesMalformedCommands = false
            // No longer `version` and no other `headers` is good for all nodes.
            limits.maxVersionPayload = 358
            limits.refusesHeadersWithTransactions = true
            return limits
        }
    }

    private let settings: Settings
    private let limits: WireLimits
    private var decoder: FrameDecoder
    private var output: LineOutput
    /// Where the current frame begins in the stream.
    private var frameOffset = 0
    /// Bytes of the stream before the current input.
    private var inputOffset = 0
    /// What of the current frame's header has been seen: the decoder keeps it to itself, and a cut frame is to be
    /// named.
    private var partialHeader: [UInt8] = []
    private(set) var frameCount = 0
    private(set) var badFrameCount = 0
    /// Why the rest of the stream cannot be read.
    private(set) var end: String?

    init(_ settings: Settings, output: consuming LineOutput) {
        self.settings = settings
        self.output = output
        limits = settings.limits
        decoder = FrameDecoder(magic: settings.network.magic)
    }

    /// Writes the lines of the frames that end in this input. After it ``end`` tells whether there can be more.
    mutating func take(_ input: RawSpan) throws(LineOutput.Failure) {
        var offset = 0
        while end == nil, let frame = next(in: input, at: &offset) {
            line(of: frame, in: input)
            frameOffset += Frame.headerByteCount + frame.length
            try output.flushIfLarge()
        }
        if end == nil { keepHeader(of: input) }
        inputOffset += input.byteCount
        // Whoever watches a live stream sees every frame that is there.
        try output.flush()
    }

    /// Writes the line of a frame that the end of the stream has cut.
    mutating func finish() throws(LineOutput.Failure) {
        if end == nil, decoder.isMidFrame {
            end = "the input ends inside the frame at offset \(frameOffset)"
            let header = PartialHeader(partialHeader)
            let missing = (header.length ?? 0) + Frame.headerByteCount - decoder.bufferedByteCount
            let isHeaderCut = decoder.bufferedByteCount < Frame.headerByteCount
            let text =
                isHeaderCut
                ? "the input ends inside the header: \(decoder.bufferedByteCount) of \(Frame.headerByteCount) bytes"
                : "the input ends inside the payload: \(missing) bytes are missing"
            badLine(FrameProblem(.truncated, text), header.command, header.length, isChecksumGood: nil)
        }
        try output.flush()
    }

    /// The next frame; `nil` when the input is used up or framing is lost.
    private mutating func next(in input: RawSpan, at offset: inout Int) -> Frame? {
        do throws(FrameError) {
            // The checksum is left to the line, which shows the frame even when it is wrong.
            return try decoder.nextFrame(
                in: input, at: &offset, limits: limits, phase: .established, verifyChecksumUpTo: -1)
        } catch {
            let hint =
                isTooLong(error) && hasOtherMagic(input) ? "; its magic is not that of \(settings.network) either" : ""
            end = "stopped at offset \(frameOffset), where framing is lost: \(error)\(hint)"
            switch error {
            case .wrongMagic: badLine(FrameProblem(error), nil, nil, isChecksumGood: nil)
            case .payloadTooLong(let command, let length, let limit) where !command.isReadable:
                // The command is wrong before its length is, unless no command may have that length.
                let isOrdinary = limit <= limits.maxOrdinaryPayload
                let first = isOrdinary ? FrameError.malformedCommand(command, length: length) : error
                badLine(FrameProblem(first), command, length, isChecksumGood: nil)
            case .payloadTooLong(let command, let length, _), .malformedCommand(let command, let length):
                badLine(FrameProblem(error), command, length, isChecksumGood: nil)
            case .checksumMismatch(let command, _, _):
                badLine(FrameProblem(error), command, nil, isChecksumGood: false)
            }
            return nil
        }
    }

    private func isTooLong(_ error: FrameError) -> Bool {
        if case .payloadTooLong = error { true } else { false }
    }

    /// True when a frame is too long for any command and begins with another magic, as what is no capture does: its
    /// length is judged first.
    private func hasOtherMagic(_ input: RawSpan) -> Bool {
        let magic = settings.network.magic
        let start = frameOffset - inputOffset
        return (0..<4).contains { index in
            let place = start + index
            let byte: UInt8? =
                if partialHeader.indices.contains(index), place < 0 {
                    partialHeader[index]
                } else if place >= 0, place < input.byteCount {
                    input.unsafeLoad(fromByteOffset: place, as: UInt8.self)
                } else {
                    nil
                }
            return byte != UInt8(truncatingIfNeeded: magic >> (8 * UInt32(index)))
        }
    }

    private mutating func keepHeader(of input: RawSpan) {
        if frameOffset >= inputOffset { partialHeader.removeAll(keepingCapacity: true) }
        let first = max(frameOffset, inputOffset)
        let last = min(frameOffset + Frame.headerByteCount, inputOffset + input.byteCount)
        if first < last {
            input.extracting((first - inputOffset)..<(last - inputOffset)).withUnsafeBytes {
                partialHeader.append(contentsOf: $0)
            }
        }
    }
}

// MARK: - Lines

extension FrameLines {
    private mutating func line(of frame: Frame, in input: RawSpan) {
        var checksumError: FrameError?
        do throws(FrameError) { try frame.verify(in: input) } catch { checksumError = error }
        let isChecksumGood = checksumError == nil
        if frame.kind == nil, !frame.command.isReadable {
            let error = FrameError.malformedCommand(frame.command, length: frame.length)
            badLine(FrameProblem(error), frame.command, frame.length, isChecksumGood: isChecksumGood)
        } else if let checksumError {
            badLine(FrameProblem(checksumError), frame.command, frame.length, isChecksumGood: false)
        } else {
            do throws(DecodeError) {
                let message = try Message.decode(
                    frame, input: input, protocolVersion: settings.protocolVersion, limits: limits)
                goodLine(message, frame)
            } catch {
                let problem = FrameProblem(error)
                if problem.kind == .truncated, Self.isUnknownToSomeNodes(frame.kind) {
                    let bytes = WireBytes(frame.payloadBytes(in: input))
                    goodLine(.unknown(frame.command, bytes), frame, undecodable: problem)
                } else {
                    badLine(problem, frame.command, frame.length, isChecksumGood: true)
                }
            }
        }
    }

    /// Commands that one of the common nodes takes for unknown ones, and so for good frames whatever they hold. One
    /// that is too short to be ours may be somebody else's.
    private static func isUnknownToSomeNodes(_ kind: MessageKind?) -> Bool {
        switch kind {
        case .addressesV2, .extendedVersion, .doubleSpendProof: true
        default: false
        }
    }

    private mutating func goodLine(_ message: Message, _ frame: Frame, undecodable: FrameProblem? = nil) {
        frameCount += 1
        let reencoded = settings.reencodes ? reencode(message) : nil
        if case .failure? = reencoded { badFrameCount += 1 }
        let offset = frameOffset
        output.lines.object { writer in
            writer.head(offset, frame.command, frame.length, isChecksumGood: true)
            MessageJSON.write(message, into: &writer)
            undecodable?.write("undecodable", into: &writer)
            switch reencoded {
            case .success(let bytes)?: writer.field("frame_hex", hex: bytes)
            case .failure(let error)?: writer.field("reencode_error", error.description)
            case nil: break
            }
        }
        output.lines.newLine()
    }

    private func reencode(_ message: Message) -> Result<[UInt8], EncodeError> {
        Result { () throws(EncodeError) in
            try message.frame(
                magic: settings.network.magic, protocolVersion: settings.protocolVersion, limits: limits)
        }
    }

    private mutating func badLine(
        _ problem: FrameProblem, _ command: Command?, _ length: Int?, isChecksumGood: Bool?
    ) {
        frameCount += 1
        badFrameCount += 1
        let offset = frameOffset
        output.lines.object { writer in
            writer.head(offset, command, length, isChecksumGood: isChecksumGood)
            problem.write("error", into: &writer)
        }
        output.lines.newLine()
    }
}

extension JSONWriter {
    /// What every line begins with; `null` where the stream does not tell.
    fileprivate mutating func head(_ offset: Int, _ command: Command?, _ length: Int?, isChecksumGood: Bool?) {
        field("offset", offset)
        if let command { field("command", command.description) } else { null("command") }
        if let length { field("length", length) } else { null("length") }
        if let isChecksumGood { field("checksum_ok", isChecksumGood) } else { null("checksum_ok") }
    }
}

/// What can be told of a header that may be cut.
struct PartialHeader {
    let command: Command?
    let length: Int?

    init(_ bytes: [UInt8]) {
        func number(_ range: Range<Int>) -> UInt64? {
            guard bytes.count >= range.upperBound else { return nil }
            return bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        length = number(16..<20).map { Int($0) }
        if let low = number(4..<12), let high = number(12..<16) {
            command = Command(low: low, high: UInt32(high))
        } else {
            command = nil
        }
    }
}
