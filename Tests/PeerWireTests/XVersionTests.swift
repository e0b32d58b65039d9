import Testing

@testable import PeerWire

@Suite struct XVersionTests {
    private static let map = ExtendedVersionMessage(version: .current, [.init(key: 0x1_0002_0003, number: 4096)])

    private static func decode(_ payload: [UInt8]) throws -> XVersionMessage {
        try decodePayload(XVersionMessage.self, payload)
    }

    @Test func aMapIsRead() throws {
        let payload = hex("02000164ff030002000100000003fd0010")
        let message = try Self.decode(payload)
        #expect(message == XVersionMessage(Self.map) && message.map == Self.map)
        #expect(message.map?.version == .current)
        #expect(try encodePayload(message) == payload)
        var longer = Self.map
        longer.trailingBytes = [9]
        #expect(XVersionMessage(longer).payload.array == payload + [9])
        #expect(try Self.decode(payload + [9]).map == longer)
    }

    /// Nothing, half a map, a count without entries, a count in a longer form: bytes that nodes pass over.
    @Test(arguments: ["", "00", "01", "020001", "fd0100", "ff", "01fdfc0000", "fe00000002aabb"])
    func anyBytesComeBackExactly(_ text: String) throws {
        let message = try Self.decode(hex(text))
        #expect(message == XVersionMessage(payload: WireBytes(hex(text))))
        #expect((message.map == nil) == (text != "00"))
        #expect(try encodePayload(message) == hex(text))
        let whole = try Message.decode(command: .xVersion, payload: hex(text))
        #expect(whole == .xVersion(message))
        #expect(try whole.payload() == hex(text))
    }

    @Test func theLimitAndOneOver() throws {
        let longest = [UInt8](repeating: 7, count: 100_000)
        let message = Message.xVersion(XVersionMessage(payload: WireBytes(longest)))
        #expect(try Message.decode(command: .xVersion, payload: longest) == message)
        #expect(try message.payload() == longest)
        let over = Message.xVersion(XVersionMessage(payload: WireBytes(longest + [7])))
        #expect(throws: EncodeError.payloadTooLong(.xVersion, length: 100_001, limit: 100_000)) {
            try over.payload()
        }
        let error = #expect(throws: DecodeError.self) {
            try Message.decode(command: .xVersion, payload: longest + [7])
        }
        #expect(error?.reason == .payloadTooLong(length: 100_001, limit: 100_000))
    }

    @Test func aMapOfTooManyEntriesIsNone() throws {
        let most = ExtendedVersionMessage(
            [ExtendedVersionMessage.Entry](repeating: .init(key: 0, value: []), count: 8_192))
        #expect(XVersionMessage(most).map == most)
        let over = ExtendedVersionMessage(
            [ExtendedVersionMessage.Entry](repeating: .init(key: 0, value: []), count: 8_193))
        #expect(XVersionMessage(over).map == nil)
    }
}
