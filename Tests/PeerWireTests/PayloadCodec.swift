import Testing

@testable import PeerWire

/// One payload type alone, without the message it goes into.
struct PayloadCodec<Payload: WirePayload & Equatable> {
    var version = ProtocolVersion.current
    var limits = WireLimits()

    func decode(_ bytes: [UInt8]) throws(DecodeError) -> Payload {
        var offset = 0
        let span = bytes.span.bytes
        let payload = try Payload.decode(
            from: span, at: &offset, version, limits)
        if offset != span.byteCount {
            throw DecodeError(
                field: "payload", offset: offset, reason: .trailingBytes(count: span.byteCount - offset))
        }
        return payload
    }

    func encode(_ payload: Payload) throws(EncodeError) -> [UInt8] {
        try payload.check(version, limits)
        var writer = ByteWriter(capacity: payload.encodedLength(version))
        payload.encode(into: &writer, version)
        #expect(writer.count == payload.encodedLength(version))
        return writer.finish()
    }

    /// The payload comes back from its bytes, which may not be cut anywhere, and which may be followed by others unless
    /// it is of fixed size.
    func checkExact(_ payload: Payload, _ expected: [UInt8]? = nil, isFixed: Bool = false) throws {
        let bytes = try encode(payload)
        if let expected { #expect(bytes == expected) }
        #expect(try decode(bytes) == payload)
        for length in 0..<bytes.count {
            let error = #expect(throws: DecodeError.self, "cut to \(length)") { try decode(Array(bytes[..<length])) }
            if case .truncated = error?.reason { continue }
            Issue.record("cut to \(length): \(String(describing: error))")
        }
        let longer = bytes + [0xaa, 0xbb]
        if isFixed {
            #expect(throws: DecodeError.self) { try decode(longer) }
        } else {
            #expect(try encode(decode(longer)) == longer)
            var strict = self
            strict.limits.trailingBytes = .refuse
            let error = #expect(throws: DecodeError.self) { try strict.decode(longer) }
            #expect(error?.reason == .trailingBytes(count: 2))
        }
    }

    /// Whatever these bytes turn into by damage is refused or comes back exactly.
    func checkDamage(_ bytes: [UInt8], seed: UInt64, rounds: Int = 400) throws {
        var random = SeededGenerator(state: seed)
        for _ in 0..<rounds {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                damaged[place] = UInt8(truncatingIfNeeded: random.next())
            }
            if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0...damaged.count, using: &random)) }
            if let payload = try? decode(damaged) { #expect(try encode(payload) == damaged) }
        }
    }

    /// The first fits the limits both ways; the second fits neither way.
    func checkLimit(_ fits: Payload, _ over: Payload, limit: UInt64) throws {
        #expect(try decode(encode(fits)) == fits)
        let refused = #expect(throws: EncodeError.self) { try encode(over) }
        guard case .limitExceeded(_, _, let value)? = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(UInt64(value) == limit)
        var writer = ByteWriter(capacity: 0)
        over.encode(into: &writer, version)
        let bytes = writer.finish()
        let error = #expect(throws: DecodeError.self) { try decode(bytes) }
        #expect(error?.reason == .limitExceeded(value: limit + 1, limit: limit))
    }
}
