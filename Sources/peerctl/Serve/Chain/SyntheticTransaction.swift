import PeerKit
import PeerSession

/// Sizes of made-up transactions. They have the shape of the most common ones: payments to the hash of a key, with
/// bytes at random where signatures, keys and hashes are.
enum SyntheticTransaction {
    /// A signature in DER form with its hash type, and a compressed key, each after its length.
    private static let inputScriptByteCount = 1 + 72 + 1 + 33
    /// The length of an input's script and of its signature, then a sequence of two integers, of which the first would
    /// be negative without a zero before it.
    static let signaturePrefix: [UInt8] = [UInt8(inputScriptByteCount), 72, 0x30, 0x45, 0x02, 0x21, 0x00]
    static let signatureMiddle: [UInt8] = [0x02, 0x20]
    /// Signs all of the transaction, on this chain; then the length of a key.
    static let signatureEnd: [UInt8] = [0x41, 33]
    static let keyHashPrefix: [UInt8] = [UInt8(keyHashScriptByteCount), Opcode.duplicate, Opcode.hash160, 20]
    static let keyHashEnd: [UInt8] = [Opcode.equalVerify, Opcode.checkSignature]
    private static let inputByteCount = Outpoint.byteCount + 1 + inputScriptByteCount + 4
    private static let keyHashScriptByteCount = 25
    private static let outputByteCount = 8 + 1 + keyHashScriptByteCount

    /// Two outputs: 226 bytes with one input, 374 with two.
    static func paymentByteCount(inputs: Int) -> Int {
        4 + 1 + inputs * inputByteCount + 1 + 2 * outputByteCount + 4
    }

    static func coinbaseByteCount(height: Int) -> Int {
        let script = heightPush(height).count + coinbaseNonceByteCount
        return 4 + 1 + Outpoint.byteCount + 1 + script + 4 + 1 + outputByteCount + 4
    }

    /// A push of the miner's own bytes after the height.
    static let coinbaseNonceByteCount = 1 + 8

    /// Padding that fits in the coinbase's script, which may have 100 bytes in all: the height and the nonce take 13 at
    /// most.
    static let coinbasePaddingLimit = 87

    /// The height as the coinbase's script must begin with it: a push of the shortest number.
    static func heightPush(_ height: Int) -> [UInt8] {
        if (1...16).contains(height) { return [Opcode.one + UInt8(height - 1)] }
        var number: [UInt8] = []
        var left = height
        while left > 0 {
            number.append(UInt8(truncatingIfNeeded: left))
            left >>= 8
        }
        // The highest bit is the sign.
        if let last = number.last, last & 0x80 != 0 { number.append(0) }
        return [UInt8(number.count)] + number
    }
}

extension ByteWriter {
    /// The coinbase of a block. `extraByteCount`, less than a payment, makes it longer: as padding in its script when
    /// there is room, as an output that carries data otherwise.
    mutating func writeCoinbase(height: Int, extraByteCount: Int, random: inout SplitMix64) {
        let push = SyntheticTransaction.heightPush(height)
        let isPaddedInScript = extraByteCount <= SyntheticTransaction.coinbasePaddingLimit
        let padding = isPaddedInScript ? extraByteCount : 0
        writeInt32(1)
        writeCount(1)
        writeHash(.zero)
        writeUInt32(.max)
        writeCount(push.count + SyntheticTransaction.coinbaseNonceByteCount + padding)
        writeBytes(push)
        writeUInt8(8)
        writeUInt64(random.next())
        for _ in 0..<padding { writeUInt8(0) }
        writeUInt32(.max)
        writeCount(isPaddedInScript ? 1 : 2)
        writeKeyHashOutput(value: 625_000_000, random: &random)
        if !isPaddedInScript { writeDataOutput(byteCount: extraByteCount, random: &random) }
        writeUInt32(0)
    }

    /// A payment of one or two inputs to two keys.
    mutating func writePayment(inputCount: Int, random: inout SplitMix64) {
        writeInt32(2)
        writeCount(inputCount)
        for _ in 0..<inputCount { writeKeyHashInput(random: &random) }
        writeCount(2)
        for _ in 0..<2 { writeKeyHashOutput(value: Int64(546 + random.next() % 100_000_000), random: &random) }
        writeUInt32(0)
    }

    private mutating func writeKeyHashInput(random: inout SplitMix64) {
        writeHash(random.nextHash())
        writeUInt32(UInt32(random.next() & 3))
        writeBytes(SyntheticTransaction.signaturePrefix)
        writeHash(random.nextHash())
        writeBytes(SyntheticTransaction.signatureMiddle)
        writeHash(random.nextHash())
        writeBytes(SyntheticTransaction.signatureEnd)
        writeUInt8(2 + UInt8(random.next() & 1))
        writeHash(random.nextHash())
        writeUInt32(.max)
    }

    private mutating func writeKeyHashOutput(value: Int64, random: inout SplitMix64) {
        writeInt64(value)
        writeBytes(SyntheticTransaction.keyHashPrefix)
        writeUInt64(random.next())
        writeUInt64(random.next())
        writeUInt32(UInt32(truncatingIfNeeded: random.next()))
        writeBytes(SyntheticTransaction.keyHashEnd)
    }

    /// An output of exactly `byteCount` bytes, 88 to 227 of them, that nobody can spend.
    private mutating func writeDataOutput(byteCount: Int, random: inout SplitMix64) {
        let script = byteCount - 8 - 1
        let data = script - 3
        writeInt64(0)
        writeCount(script)
        writeUInt8(Opcode.return)
        writeUInt8(Opcode.pushDataOneByte)
        writeUInt8(UInt8(truncatingIfNeeded: data))
        for _ in 0..<data { writeUInt8(UInt8(truncatingIfNeeded: random.next())) }
    }
}

extension SplitMix64 {
    fileprivate mutating func nextHash() -> Hash256 {
        Hash256(word0: next(), word1: next(), word2: next(), word3: next())
    }
}
