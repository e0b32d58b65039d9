import PeerWire
import Testing

@Suite struct CompactSizeTests {
    static let vectors: [(UInt64, String)] = [
        (0, "00"), (252, "fc"), (253, "fdfd00"), (65535, "fdffff"), (65536, "fe00000100"),
        (0xffff_ffff, "feffffffff"), (0x1_0000_0000, "ff0000000001000000"), (.max, "ffffffffffffffffff"),
    ]

    @Test(arguments: vectors) func valueAndBytesAgree(_ value: UInt64, _ text: String) throws {
        let bytes = hex(text)
        #expect(CompactSize.encode(value) == bytes)
        #expect(CompactSize.encodedLength(value) == bytes.count)
        var offset = 0
        #expect(try decodeCompactSize(bytes, at: &offset, maximum: .max) == value)
        #expect(offset == bytes.count)
    }

    @Test(arguments: ["fdfc00", "feffff0000", "ffffffffff00000000", "fd0000", "fe00000000", "ff0000000000000000"])
    func longerFormIsRefused(_ text: String) {
        let bytes = hex(text)
        var offset = 0
        #expect(throws: DecodeError(field: "count", offset: 0, reason: .nonCanonical)) {
            try decodeCompactSize(bytes, at: &offset, maximum: .max, field: "count")
        }
        #expect(offset == 0)
    }

    @Test(arguments: ["", "fd", "fdff", "fe", "feffffff", "ff", "ffffffffffffff"])
    func cutIsRefused(_ text: String) {
        let bytes = hex(text)
        var offset = 0
        let error = #expect(throws: DecodeError.self) {
            try decodeCompactSize(bytes, at: &offset, maximum: .max)
        }
        guard case .truncated = error?.reason else {
            Issue.record("not truncated: \(String(describing: error))")
            return
        }
        #expect(offset == 0)
    }

    @Test func lengthsAreCappedAt32MiB() throws {
        let atCap = CompactSize.encode(33_554_432)
        let over = CompactSize.encode(33_554_433)
        var offset = 0
        #expect(try decodeCompactSize(atCap, at: &offset) == 33_554_432)
        offset = 0
        #expect(
            throws: DecodeError(
                field: "CompactSize", offset: 0,
                reason: .limitExceeded(value: 33_554_433, limit: 33_554_432))
        ) {
            try decodeCompactSize(over, at: &offset)
        }
    }

    @Test func capAppliesToTheShortestForm() {
        let bytes: [UInt8] = [5]
        var offset = 0
        #expect(throws: DecodeError.self) {
            try decodeCompactSize(bytes, at: &offset, maximum: 4)
        }
    }

    @Test func offsetsOutsideTheSpanAreRefused() {
        let bytes: [UInt8] = [5]
        for start in [-1, 2, .max] {
            var offset = start
            #expect(throws: DecodeError.self) {
                try decodeCompactSize(bytes, at: &offset)
            }
        }
    }
}
