import PeerWire
import WireBench

/// What is measured, as a user would write it: frames cut from a stream, checksums verified, messages decoded.
enum Cases {
    static func fail(_ error: any Error) -> Never { fatalError("a sample does not pass: \(error)") }

    /// Frame and message out of bytes. Short messages come 64 in a row, as they do from a peer, and one is shown.
    static func decode(
        _ name: String, _ message: Message, target: Case.Target = Case.Target()
    ) throws -> Case {
        let frame = try message.frame(magic: Samples.magic)
        let payload = Array(frame.dropFirst(Frame.headerByteCount))
        let count = payload.count < 1_024 ? 64 : 1
        let stream = [UInt8]((0..<count).map { _ in frame }.joined())
        return Case(
            "decode " + name, byteCount: stream.count, messageCount: count, isShownForOneMessage: true,
            target: target, hashOnly: { for _ in 0..<count { keep(SHA256d.checksum(payload.span.bytes)) } },
            body: { readAll(stream) })
    }

    /// A frame in one buffer.
    static func encode(
        _ name: String, _ message: Message, target: Case.Target = Case.Target()
    ) throws -> Case {
        let stream = try message.frame(magic: Samples.magic)
        let payload = Array(stream.dropFirst(Frame.headerByteCount))
        return Case(
            "encode " + name, byteCount: stream.count, target: target,
            hashOnly: { keep(SHA256d.checksum(payload.span.bytes)) },
            body: {
                do { keep(try message.frame(magic: Samples.magic)) } catch { fail(error) }
            })
    }

    static func both(
        _ name: String, _ message: Message, decode: Case.Target = Case.Target(), encode: Case.Target = Case.Target()
    ) throws -> [Case] {
        [try self.decode(name, message, target: decode), try self.encode(name, message, target: encode)]
    }

    /// Every message of a stream that lies in memory.
    static func readAll(_ stream: [UInt8]) {
        var decoder = FrameDecoder(magic: Samples.magic)
        let limits = Samples.limits
        let input = stream.span.bytes
        var offset = 0
        do {
            while let message = try decoder.nextMessage(in: input, at: &offset, limits: limits, phase: .established) {
                keep(message)
            }
        } catch { fail(error) }
    }

    /// Every message of a stream that arrives in pieces, as a socket gives it.
    static func readPieces(_ stream: [UInt8], _ size: Int) {
        var decoder = FrameDecoder(magic: Samples.magic)
        let limits = Samples.limits
        var start = 0
        do {
            while start < stream.count {
                let input = stream.span.bytes.extracting(start..<min(start + size, stream.count))
                var offset = 0
                while let message = try decoder.nextMessage(
                    in: input, at: &offset, limits: limits, phase: .established)
                {
                    keep(message)
                }
                start += size
            }
        } catch { fail(error) }
    }

    /// A payload that a peer's lane was handed: verified and decoded there.
    static func decodeCollected(_ name: String, _ message: Message, target: Case.Target) throws -> Case {
        let payload = try message.payload()
        let frame = Frame(
            command: message.command, kind: message.kind, length: payload.count,
            checksum: SHA256d.checksum(payload.span.bytes), isChecksumVerified: false, payload: .collected(payload))
        return Case(
            "decode " + name, byteCount: payload.count + Frame.headerByteCount, target: target,
            hashOnly: { keep(SHA256d.checksum(payload.span.bytes)) },
            body: {
                do {
                    try frame.verifyCollected()
                    keep(try Message.decode(frame, input: [UInt8]().span.bytes, limits: Samples.limits))
                } catch { fail(error) }
            })
    }

    /// Pings as a reactor takes and answers them: no message made for it stays, nothing is allocated.
    static func ping() throws -> [Case] {
        let count = 64
        let one = try Message.ping(nonce: 0x0102_0304_0506_0708).frame(magic: Samples.magic)
        let stream = [UInt8]((0..<count).map { _ in one }.joined())
        let payload = Array(one.dropFirst(Frame.headerByteCount))
        let target = Case.Target(nanoseconds: 150, allocations: 0)
        let hashOnly = { for _ in 0..<count { keep(SHA256d.checksum(payload.span.bytes)) } }
        return [
            Case(
                "decode ping", byteCount: stream.count, messageCount: count, isShownForOneMessage: true,
                target: target, hashOnly: hashOnly, body: { readAll(stream) }),
            Case(
                "encode ping", byteCount: stream.count, messageCount: count, isShownForOneMessage: true,
                target: target, hashOnly: hashOnly,
                body: {
                    for nonce in 0..<UInt64(count) { keep(PingFrame.ping(nonce: nonce, magic: Samples.magic)) }
                }),
        ]
    }
}
