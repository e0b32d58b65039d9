import PeerWire
import Testing

@Suite struct HashTests {
    static let genesisText = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"

    @Test func textIsTheReverseOfTheWire() throws {
        let hash = try #require(Hash256(Self.genesisText))
        #expect(hash.description == Self.genesisText)
        #expect(hash.bytes == hex(Self.genesisText).reversed())
        #expect(Hash256(bytes: hash.bytes) == hash)
    }

    @Test func onlyWholeHashesAreTaken() {
        #expect(Hash256(String(Self.genesisText.dropLast())) == nil)
        #expect(Hash256(String(Self.genesisText.dropLast()) + "g") == nil)
        #expect(Hash256(bytes: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(Hash256(bytes: [UInt8](repeating: 0, count: 33)) == nil)
    }

    @Test func orderIsOfTheNumber() throws {
        let small = try #require(Hash256(String(repeating: "0", count: 63) + "f"))
        let large = try #require(Hash256("1" + String(repeating: "0", count: 63)))
        #expect(small < large)
        #expect(!(large < small))
        #expect(Hash256.zero < small)
        #expect(Hash256.zero.isZero && !small.isZero)
        var generator = SeededGenerator(state: 1)
        let hashes = (0..<200).map { _ in generator.hash() }
        #expect(hashes.sorted().map(\.description) == hashes.map(\.description).sorted())
    }

    @Test func emptyChecksumIsTheKnownOne() {
        #expect(SHA256d.checksum([UInt8]().span.bytes) == SHA256d.emptyChecksum)
        #expect(Array(SHA256d.hash([UInt8]()).bytes.prefix(4)) == hex("5df6e0e2"))
    }

    @Test func piecesHashLikeTheWhole() {
        var generator = SeededGenerator(state: 2)
        for length in [0, 1, 55, 56, 63, 64, 65, 80, 1000] {
            let bytes = generator.bytes(length)
            for split in Set([0, length / 3, length]) {
                var hasher = SHA256d()
                hasher.update(bytes.span.bytes.extracting(0..<split))
                hasher.update(bytes.span.bytes.extracting(split..<length))
                #expect(hasher.finish() == SHA256d.hash(bytes))
            }
        }
    }

    @Test func pairHashesLikeItsBytes() {
        var generator = SeededGenerator(state: 3)
        let left = generator.hash()
        let right = generator.hash()
        #expect(SHA256d.hash(left, right) == SHA256d.hash(left.bytes + right.bytes))
    }
}
