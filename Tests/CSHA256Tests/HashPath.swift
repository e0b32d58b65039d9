import CSHA256
import Crypto
import Testing

typealias Digest = [UInt8]

/// The two ways the library hashes: what it picks for this processor, and the portable one.
enum HashPath: CaseIterable, CustomTestStringConvertible, Sendable {
    case picked
    case portable

    var testDescription: String {
        switch self {
        case .picked: csha256_is_accelerated() ? "picked (accelerated)" : "picked (not accelerated here)"
        case .portable: "portable"
        }
    }

    func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        Digest(unsafeUninitializedCapacity: 32) { digest, count in
            switch self {
            case .picked: csha256_hash(bytes.baseAddress, bytes.count, digest.baseAddress)
            case .portable: csha256_portable_hash(bytes.baseAddress, bytes.count, digest.baseAddress)
            }
            count = 32
        }
    }

    func doubleHash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        Digest(unsafeUninitializedCapacity: 32) { digest, count in
            switch self {
            case .picked: csha256_double_hash(bytes.baseAddress, bytes.count, digest.baseAddress)
            case .portable: csha256_portable_double_hash(bytes.baseAddress, bytes.count, digest.baseAddress)
            }
            count = 32
        }
    }

    func hash(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes(hash) }

    func doubleHash(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes(doubleHash) }

    /// The double hashes of `count` messages of `length` bytes, which start `stride` apart.
    func doubleHashes(
        _ bytes: UnsafeRawBufferPointer, stride: Int, length: Int, count: Int,
        into digests: UnsafeMutablePointer<UInt8>?
    ) {
        switch self {
        case .picked: csha256_double_hash_many(bytes.baseAddress, stride, length, count, digests)
        case .portable: csha256_portable_double_hash_many(bytes.baseAddress, stride, length, count, digests)
        }
    }

    /// The double hashes of the messages between neighbouring `starts`.
    func doubleHashes(
        _ bytes: UnsafeRawBufferPointer, starts: [UInt32], into digests: UnsafeMutablePointer<UInt8>?
    ) {
        switch self {
        case .picked: csha256_double_hash_ranges(bytes.baseAddress, starts, starts.count - 1, digests)
        case .portable: csha256_portable_double_hash_ranges(bytes.baseAddress, starts, starts.count - 1, digests)
        }
    }

    /// A fresh context, in memory that held something else before.
    func context() -> csha256_context {
        var context = csha256_context()
        withUnsafeMutableBytes(of: &context) { _ = $0.initializeMemory(as: UInt8.self, repeating: 0xff) }
        switch self {
        case .picked: csha256_init(&context)
        case .portable: csha256_portable_init(&context)
        }
        return context
    }
}

extension csha256_context {
    mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { csha256_update(&self, $0.baseAddress, $0.count) }
    }

    mutating func update(_ bytes: [UInt8]) { update(bytes[...]) }

    mutating func final() -> Digest {
        var digest = Digest(repeating: 0, count: 32)
        csha256_final(&self, &digest)
        return digest
    }

    mutating func finalDouble() -> Digest {
        var digest = Digest(repeating: 0, count: 32)
        csha256_final_double(&self, &digest)
        return digest
    }
}

/// swift-crypto, which shares no code with the library.
enum Oracle {
    static func hash(_ bytes: [UInt8]) -> Digest { Digest(SHA256.hash(data: bytes)) }

    static func doubleHash(_ bytes: [UInt8]) -> Digest { hash(hash(bytes)) }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

func bytes(hexadecimal text: String) throws -> [UInt8] {
    let digits = try text.map { try UInt8(#require($0.hexDigitValue)) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
