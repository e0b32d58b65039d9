import CSHA256
import Testing

/// Messages whose hashes are published: FIPS 180-4's examples and NIST's additional ones.
struct PublishedVector: CustomTestStringConvertible, Sendable {
    let name: String
    let message: [UInt8]
    let digest: String

    var testDescription: String { name }

    init(_ name: String, _ message: [UInt8], _ digest: String) {
        self.name = name
        self.message = message
        self.digest = digest
    }

    init(text: String, _ digest: String) { self.init("\(text.utf8.count * 8) bits of text", Array(text.utf8), digest) }

    init(_ count: Int, of byte: UInt8, _ digest: String) {
        self.init("\(count) bytes \(byte)", [UInt8](repeating: byte, count: count), digest)
    }

    static let all: [PublishedVector] = [
        .init(text: "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        .init(text: "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        .init(
            text: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        .init(
            text: "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
                + "mnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
        .init("one byte", [0xbd], "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
        .init(
            "four bytes", [0xc9, 0x8c, 0x8e, 0x55], "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"),
        .init(55, of: 0, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"),
        .init(56, of: 0, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"),
        .init(57, of: 0, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"),
        .init(64, of: 0, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
        .init(1000, of: 0, "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53"),
        .init(1000, of: 0x41, "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"),
        .init(1005, of: 0x55, "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0"),
        .init(1_000_000, of: 0x61, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]
}

@Suite("Published vectors")
struct VectorTests {
    @Test("SHA-256", arguments: HashPath.allCases, PublishedVector.all)
    func published(path: HashPath, vector: PublishedVector) {
        #expect(hexadecimal(path.hash(vector.message)) == vector.digest)

        var context = path.context()
        context.update(vector.message)
        #expect(hexadecimal(context.final()) == vector.digest)
    }

    @Test("The hash of Bitcoin's first block header", arguments: HashPath.allCases)
    func genesis(path: HashPath) throws {
        let header = try bytes(
            hexadecimal: "01000000" + String(repeating: "00", count: 32)
                + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c")
        #expect(header.count == 80)
        let shown = hexadecimal(path.doubleHash(header).reversed())
        #expect(shown == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")
    }

    @Test("The checksum of an empty payload, with and without an address")
    func emptyChecksum() {
        #expect(csha256_checksum(nil, 0) == 0xe2e0_f65d)
        #expect([UInt8(1)].withUnsafeBytes { csha256_checksum($0.baseAddress, 0) } == 0xe2e0_f65d)
    }

    @Test("Nothing may lie at no address", arguments: HashPath.allCases)
    func emptyAtNull(path: HashPath) {
        #expect(path.hash(UnsafeRawBufferPointer(start: nil, count: 0)) == Oracle.hash([]))
        #expect(path.doubleHash(UnsafeRawBufferPointer(start: nil, count: 0)) == Oracle.doubleHash([]))
        var context = path.context()
        csha256_update(&context, nil, 0)
        #expect(context.final() == Oracle.hash([]))
    }
}
