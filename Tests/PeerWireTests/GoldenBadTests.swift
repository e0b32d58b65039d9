import PeerWire
import TestSupport
import Testing

/// Vectors that an independent implementation refuses: refused here for the same reason.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct GoldenBadTests {
    /// The classes of the vectors, those that mean the same put together.
    private enum Class: String {
        case truncated, noncanonical, limit, tooLong, versionGate, checksum, magic, command, malformed, unknown

        init?(_ vector: GoldenVector) {
            switch vector.class {
            case "truncated": self = .truncated
            case "noncanonical-varint": self = .noncanonical
            case "limit": self = .limit
            case "payload-too-long", "payload-too-long-for-type": self = .tooLong
            case "pver-gate": self = .versionGate
            case "bad-checksum": self = .checksum
            case "wrong-magic": self = .magic
            case "invalid-command": self = .command
            case "headers-with-txs": self = .malformed
            case "unknown-command": self = .unknown
            default: return nil
            }
        }

        init(_ error: GoldenError) {
            switch error {
            case .frame(let error):
                self =
                    switch error {
                    case .wrongMagic: .magic
                    case .malformedCommand: .command
                    case .payloadTooLong: .tooLong
                    case .checksumMismatch: .checksum
                    }
            case .payload(let error):
                self =
                    switch error.reason {
                    case .truncated: .truncated
                    case .nonCanonical: .noncanonical
                    case .limitExceeded: .limit
                    case .payloadTooLong: .tooLong
                    case .versionGate: .versionGate
                    case .trailingBytes, .malformed: .malformed
                    }
            case .endsInsideAFrame: self = .truncated
            case .command: self = .unknown
            }
        }
    }

    /// Why the payload is refused; `nil` when it is not.
    private func refusal(_ body: () throws -> Void) throws -> Class? {
        do {
            try body()
            return nil
        } catch let error as GoldenError {
            return Class(error)
        }
    }

    /// The first message of a stream that is taken in pieces of one size.
    private func message(of stream: [UInt8], pieces size: Int, _ vector: GoldenVector) throws -> Message {
        var decoder = FrameDecoder(magic: vector.magic)
        for start in stride(from: 0, to: stream.count, by: size) {
            let input = stream.span.bytes.extracting(start..<min(start + size, stream.count))
            var offset = 0
            let frame: Frame?
            do throws(FrameError) {
                frame = try decoder.nextFrame(
                    in: input, at: &offset, limits: GoldenVector.limits, phase: .established)
            } catch {
                throw GoldenError.frame(error)
            }
            guard let frame else { continue }
            do throws(DecodeError) {
                return try Message.decode(
                    frame, input: input, protocolVersion: vector.version, limits: GoldenVector.limits)
            } catch {
                throw GoldenError.payload(error)
            }
        }
        throw GoldenError.endsInsideAFrame
    }

    /// Its maker's own constants: any refusal will do, and none where the message is good in itself.
    private static func isOwnLimit(_ vector: GoldenVector) -> Bool {
        vector.note?.contains("bchd limit") == true
            || vector.class == "limit" && ["block", "tx", "merkleblock"].contains(vector.command)
    }

    /// After the reason a `reject` of any command may end.
    private static func endsAfterReason(_ vector: GoldenVector, _ payload: [UInt8]) -> Bool {
        guard vector.command == "reject", let length = payload.first.map(Int.init), payload.count > length + 2 else {
            return false
        }
        return payload.count == length + 3 + Int(payload[length + 2])
    }

    @Test func badPayloadsAreRefusedForTheirReason() throws {
        var checked = 0
        var ownLimits = 0
        var accepted: [String] = []
        for vector in GoldenVector.golden("bad") {
            guard let payload = vector.payload else { continue }
            checked += 1
            let stream = try #require(Command(vector.command)).frame(payload, magic: vector.magic)
            let found = [
                try refusal { _ = try vector.decode(payload) },
                try refusal { _ = try message(of: stream, pieces: stream.count, vector) },
                try refusal { _ = try message(of: stream, pieces: 1, vector) },
            ]
            if Self.endsAfterReason(vector, payload), vector.class == "truncated" {
                #expect(found == [nil, nil, nil], "\(vector.name)")
                #expect(try vector.decode(payload).payload(protocolVersion: vector.version) == payload)
                accepted.append(vector.name)
            } else if Self.isOwnLimit(vector) {
                #expect(found.allSatisfy { $0 != nil }, "\(vector.name)")
                ownLimits += 1
            } else {
                let expected = try #require(Class(vector), "\(vector.name)")
                #expect(found == [expected, expected, expected], "\(vector.name)")
            }
        }
        #expect(checked == 872)
        #expect(ownLimits == 6)
        #expect(accepted == ["reject-trunc-9"])
    }

    @Test func badFramesAreRefusedForTheirReason() throws {
        var checked = 0
        for vector in GoldenVector.golden("bad") {
            guard let frame = vector.frame, let expected = Class(vector), expected != .unknown else { continue }
            for size in [max(1, frame.count), 1, 7] {
                let found = try refusal { _ = try message(of: frame, pieces: size, vector) }
                #expect(found == expected, "\(vector.name) \(vector.command)")
            }
            checked += 1
        }
        #expect(checked == 62)
    }

    /// They are whole frames: of commands that nobody knows, or that are known here. The three bytes are not the
    /// payload of those.
    @Test func framesOfUnknownCommandsAreKept() throws {
        var unknown = 0
        var typed: [MessageKind] = []
        for vector in GoldenVector.golden("bad") where vector.class == "unknown-command" {
            let frame = try #require(vector.frame)
            let payload = Array(frame.dropFirst(24))
            for size in [frame.count, 1] {
                let ends = stride(from: size, to: frame.count, by: size)
                let read = try #require(
                    try cut(frame, endingAt: ends, magic: vector.magic, limits: GoldenVector.limits).frames.first)
                #expect(read.payload == payload && read.command.bytes == Array(frame[4..<16]))
                if let kind = MessageKind(read.command) {
                    #expect(try refusal { _ = try message(of: frame, pieces: size, vector) } == .truncated)
                    typed.append(kind)
                    continue
                }
                let kept = try message(of: frame, pieces: size, vector)
                #expect(kept == .unknown(read.command, WireBytes(payload)))
                #expect(try kept.frame(magic: vector.magic) == frame)
                unknown += 1
            }
        }
        #expect(unknown == 2 * 11)
        #expect(Set(typed) == [.addressesV2, .extendedVersion, .doubleSpendProof] && typed.count == 2 * 3)
    }
}

extension Command {
    /// A frame of any payload.
    fileprivate func frame(_ payload: [UInt8], magic: UInt32) -> [UInt8] {
        var writer = ByteWriter(capacity: 24 + payload.count)
        writer.writeUInt32(magic)
        writer.writeBytes(bytes)
        writer.writeUInt32(UInt32(payload.count))
        writer.writeUInt32(SHA256d.checksum(payload.span.bytes))
        writer.writeBytes(payload)
        return writer.finish()
    }
}
