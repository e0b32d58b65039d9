import Testing

@testable import PeerWire

@Suite struct SHA3Tests {
    /// Published examples of FIPS 202 and lengths around one block of 136 bytes.
    static let vectors: [([UInt8], String)] = [
        ([], "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
        (Array("abc".utf8), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        (
            [UInt8](repeating: 0xa3, count: 200),
            "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787"
        ),
        (
            [UInt8](repeating: 0x61, count: 135),
            "8094bb53c44cfb1e67b7c30447f9a1c33696d2463ecc1d9c92538913392843c9"
        ),
        (
            [UInt8](repeating: 0x61, count: 136),
            "3fc5559f14db8e453a0a3091edbd2bc25e11528d81c66fa570a4efdcc2695ee1"
        ),
        (
            [UInt8](repeating: 0x61, count: 137),
            "f8d6846cedd2ccfadf15c5879ef95af724d799eed7391fb1c91f95344e738614"
        ),
        ((0..<200).map { UInt8($0) }, "5f728f63bf5ee48c77f453c0490398fa645b8d4c4e56be9a41cfec344d6ca899"),
    ]

    @Test(arguments: vectors) func publishedVectors(_ bytes: [UInt8], _ hash: String) {
        #expect(SHA3.hash256(bytes) == hex(hash))
    }

    /// The examples of RFC 4648, without their padding and in lower case.
    @Test(arguments: [
        ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
        ("foobar", "mzxw6ytboi"),
    ])
    func base32(_ plain: String, _ text: String) {
        #expect(Base32.text(Array(plain.utf8)) == text)
        #expect(Base32.bytes(Array(text.utf8)) == Array(plain.utf8))
        #expect(Base32.bytes(Array(text.uppercased().utf8)) == Array(plain.utf8))
    }

    /// Lengths that no bytes have, bits left over, characters that are no digits, padding.
    @Test(arguments: [
        "m", "mzx", "mzxw6y", "mz", "mzxr", "mzxw7", "mzxw6yr", "m1", "m0", "m8", "m9", "my======", "m y", "mü",
    ])
    func base32ThatIsNone(_ text: String) {
        #expect(Base32.bytes(Array(text.utf8)) == nil)
    }

    @Test func base32ComesBack() {
        var random = SeededGenerator(state: 1)
        for length in 0..<100 {
            let bytes = random.bytes(length)
            #expect(Base32.bytes(Array(Base32.text(bytes).utf8)) == bytes)
        }
    }
}
