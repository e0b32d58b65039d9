import Testing

@testable import PeerWire

@Suite struct ExtendedVersionTests {
    private static func decode(_ bytes: [UInt8], limits: WireLimits = WireLimits()) throws -> ExtendedVersionMessage {
        try decodePayload(ExtendedVersionMessage.self, bytes, limits: limits)
    }

    private static let second = Array(Examples.extendedVersion2.dropFirst(24))

    @Test func theExamples() throws {
        let first = try Self.decode(Array(Examples.extendedVersion.dropFirst(24)))
        #expect(first.version?.description == "0.1.0")
        #expect(first == ExtendedVersionMessage(version: .current))
        let message = try Self.decode(Self.second)
        #expect(message.entries.map(\.key) == [0, 0x1_0002_0003])
        #expect(message.number(for: 0x1_0002_0003) == 4096)
        #expect(message.value(for: 0x1_0002_0003) == WireBytes(hex("fd0010")))
        #expect(message.number(for: 7) == nil)
        let built = ExtendedVersionMessage(version: .current, [.init(key: 0x1_0002_0003, number: 4096)])
        #expect(built == message)
        #expect(try encodePayload(built) == Self.second)
    }

    @Test func aCutPayloadIsRefused() {
        for length in 0..<Self.second.count {
            #expect(throws: DecodeError.self) { try Self.decode(Array(Self.second.prefix(length))) }
        }
    }

    @Test func ofKeysThatComeTwiceTheLastCounts() throws {
        let bytes = hex("03 05 01 0a 06 01 0b 05 01 0c")
        let message = try Self.decode(bytes)
        #expect(message.entries.count == 3)
        #expect(message.number(for: 5) == 12)
        #expect(message.number(for: 6) == 11)
        #expect(try encodePayload(message) == bytes)
    }

    @Test func oddValues() throws {
        let bytes = hex("05 0000 0103fd0010 0204fd0010ff 0303fdfc00 0401fd")
        let message = try Self.decode(bytes)
        #expect(message.value(for: 0)?.isEmpty == true)
        #expect(message.version == nil)
        #expect(message.number(for: 1) == 4096)
        #expect(message.number(for: 2) == 4096)
        #expect(message.number(for: 3) == nil)
        #expect(message.number(for: 4) == nil)
        #expect(try encodePayload(message) == bytes)
    }

    @Test func numbersAreAnyNumber() throws {
        for number in [0, 0xfc, 0xfd, 0xffff, 0x10000, 0xffff_ffff, 0x1_0000_0000, UInt64.max] {
            let message = ExtendedVersionMessage([.init(key: number, number: number)])
            #expect(try Self.decode(encodePayload(message)) == message)
            #expect(message.number(for: number) == number)
        }
    }

    @Test func anEmptyMap() throws {
        let message = try Self.decode([0])
        #expect(message == ExtendedVersionMessage())
        #expect(message.entries.isEmpty)
        #expect(message.entries.startIndex == message.entries.endIndex)
        #expect(message.version == nil)
        #expect(try encodePayload(message) == [0])
    }

    @Test func entriesAtTheLimitAndOneOver() throws {
        let most = [UInt8](CompactSize.encode(8_192)) + [UInt8](repeating: 0, count: 16_384)
        let message = try Self.decode(most)
        #expect(message.entries.count == 8_192)
        #expect(message.entries.reduce(0) { count, _ in count + 1 } == 8_192)
        #expect(try encodePayload(message) == most)
        let error = #expect(throws: DecodeError.self) {
            try Self.decode([UInt8](CompactSize.encode(8_193)) + [UInt8](repeating: 0, count: 16_386))
        }
        #expect(error?.reason == .limitExceeded(value: 8_193, limit: 8_192))
        let over = ExtendedVersionMessage(
            [ExtendedVersionMessage.Entry](repeating: .init(key: 0, value: []), count: 8_193))
        #expect(throws: EncodeError.limitExceeded(field: "entry count", value: 8_193, limit: 8_192)) {
            try encodePayload(over)
        }
    }

    @Test func keysInALongerFormAndFalseLengthsAreRefused() {
        #expect(throws: DecodeError.self) { try Self.decode(hex("01 fdfc00 00")) }
        #expect(throws: DecodeError.self) { try Self.decode(hex("01 00 fd0100 00")) }
        #expect(throws: DecodeError.self) { try Self.decode(hex("01 00 feffffff01")) }
        #expect(throws: DecodeError.self) { try Self.decode(hex("01 00 ffffffffffffffffff")) }
        #expect(throws: DecodeError.self) { try Self.decode(hex("fd0020 0000")) }
    }

    @Test func trailingBytesAreKeptOrRefused() throws {
        let bytes = Self.second + [9]
        let message = try Self.decode(bytes)
        #expect(message.trailingBytes == [9])
        #expect(message != (try Self.decode(Self.second)))
        #expect(try encodePayload(message) == bytes)
        var strict = WireLimits()
        strict.trailingBytes = .refuse
        #expect(throws: DecodeError.self) { try Self.decode(bytes, limits: strict) }
    }

    @Test func versions() throws {
        typealias Version = ExtendedVersionMessage.Version
        let version = try #require(Version(major: 12, minor: 34, revision: 56))
        #expect(version.rawValue == 123_456)
        #expect(version.description == "12.34.56")
        #expect(Version(rawValue: 100).description == "0.1.0")
        #expect(Version.current < version)
        #expect(Version(major: 0, minor: 100, revision: 0) == nil)
        #expect(Version(major: 0, minor: 0, revision: 100) == nil)
        #expect(Version(major: .max, minor: 0, revision: 0) == nil)
        #expect(Version(major: 1_844_674_407_370_954, minor: 99, revision: 99) != nil)
        #expect(Version(major: 1_844_674_407_370_955, minor: 0, revision: 0) == nil)
        #expect(Version(rawValue: .max).description == "1844674407370955.16.15")
    }

    @Test func randomMapsComeBackExactly() throws {
        var random = SeededGenerator(state: 3)
        for _ in 0..<300 {
            let entries = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                ExtendedVersionMessage.Entry(
                    key: random.next() >> UInt64.random(in: 0...63, using: &random),
                    value: WireBytes(random.bytes(Int.random(in: 0...300, using: &random))))
            }
            let message = ExtendedVersionMessage(entries)
            let bytes = try encodePayload(message)
            let decoded = try Self.decode(bytes)
            #expect(decoded == message)
            #expect(Array(decoded.entries) == entries)
            for entry in entries {
                #expect(decoded.value(for: entry.key) == entries.last { $0.key == entry.key }?.value)
            }
        }
    }
}
