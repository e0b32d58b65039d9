import Testing

@testable import PeerKit

/// Bytes as `hexdump -C` prints them; the expected texts are its output.
@Suite struct HexdumpTests {
    private func dump(_ bytes: [UInt8], limit: Int = .max) -> String { Hexdump.text(of: bytes[...], limit: limit) }

    @Test func bytesAndTextSideBySide() {
        #expect(
            dump(Array("hello \u{1b}[0m\u{7f}~ ".utf8) + [0xff] + Array("The quick brown fox jumps|".utf8)) == """
                00000000  68 65 6c 6c 6f 20 1b 5b  30 6d 7f 7e 20 ff 54 68  |hello .[0m.~ .Th|
                00000010  65 20 71 75 69 63 6b 20  62 72 6f 77 6e 20 66 6f  |e quick brown fo|
                00000020  78 20 6a 75 6d 70 73 7c                           |x jumps||
                00000028

                """)
    }

    @Test func linesThatRepeatAreOneStar() {
        #expect(
            dump([UInt8](repeating: 0, count: 36) + Array("abc".utf8)) == """
                00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
                *
                00000020  00 00 00 00 61 62 63                              |....abc|
                00000027

                """)
        #expect(
            dump([UInt8](repeating: 0x41, count: 64)) == """
                00000000  41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41  |AAAAAAAAAAAAAAAA|
                *
                00000040

                """)
        // A last line that is not full is printed, whatever stands above it.
        #expect(
            dump([UInt8](repeating: 0, count: 20)) == """
                00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
                00000010  00 00 00 00                                       |....|
                00000014

                """)
    }

    @Test func nothingIsNoLine() {
        #expect(dump([]) == "")
    }

    @Test func whatIsBeyondTheLimitIsCounted() {
        let bytes = Array("0123456789abcdefX".utf8)
        #expect(
            dump(bytes, limit: 16) == """
                00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|
                ... 1 more bytes left out

                """)
        #expect(!dump(bytes, limit: 17).contains("left out"))
        #expect(dump(bytes, limit: 0) == "... 17 more bytes left out\n")
    }

    @Test func aSliceBeginsAtItsOwnStart() {
        let bytes = Array("0123456789".utf8)
        #expect(Hexdump.text(of: bytes[4...], limit: 99) == dump(Array("456789".utf8)))
    }
}
