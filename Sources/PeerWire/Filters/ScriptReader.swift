/// Walks over scripts without running them.
///
/// Source: `PROTOCOL` 2.8, 2.11.
public enum ScriptReader {
    /// Finds the next bytes that a script pushes, and moves `offset` behind them.
    ///
    /// Opcodes that push no bytes out of the script are passed over, those that push the numbers 1 to 16 among them. A
    /// push that goes on past the end of the script ends the walk. Nothing is allocated.
    ///
    /// - Parameters:
    ///   - script: the script.
    ///   - offset: where to look from, 0 at first. Must be the start of an opcode.
    /// - Returns: where the pushed bytes are, an empty range for a push of nothing; `nil` when there is no other push.
    public static func nextPush(in script: RawSpan, at offset: inout Int) -> Range<Int>? {
        guard offset >= 0 else { return nil }
        while offset < script.byteCount {
            let opcode = script.loadUInt8(offset)
            if opcode > Opcode.pushData4 {
                offset += 1
                continue
            }
            guard let range = push(opcode, in: script, at: offset) else { break }
            offset = range.upperBound
            return range
        }
        offset = max(offset, script.byteCount)
        return nil
    }

    /// The bytes that the push at `offset` pushes; `nil` when they are not all there.
    @inline(__always)
    static func push(_ opcode: UInt8, in script: RawSpan, at offset: Int) -> Range<Int>? {
        let left = script.byteCount - offset
        let start: Int
        let length: Int
        switch opcode {
        case Opcode.pushData1:
            guard left >= 2 else { return nil }
            (start, length) = (2, Int(script.loadUInt8(offset + 1)))
        case Opcode.pushData2:
            guard left >= 3 else { return nil }
            (start, length) = (3, Int(script.loadUInt16(offset + 1)))
        case Opcode.pushData4:
            guard left >= 5 else { return nil }
            (start, length) = (5, Int(script.loadUInt32(offset + 1)))
        default:
            (start, length) = (1, Int(opcode))
        }
        guard left - start >= length else { return nil }
        return (offset + start)..<(offset + start + length)
    }
}

/// The opcodes that are looked at here.
enum Opcode {
    static let pushData1: UInt8 = 0x4c
    static let pushData2: UInt8 = 0x4d
    static let pushData4: UInt8 = 0x4e
    static let one: UInt8 = 0x51
    static let sixteen: UInt8 = 0x60
    static let checkSignature: UInt8 = 0xac
    static let checkMultiSignature: UInt8 = 0xae
}

extension ScriptReader {
    /// True for a script that pays to a public key, or to some of several public keys, as such: what
    /// ``BloomUpdateFlags/updatePublicKeysOnly`` is about.
    public static func paysToPublicKeys(_ script: RawSpan) -> Bool {
        let count = script.byteCount
        guard count > 0 else { return false }
        switch script.loadUInt8(count - 1) {
        case Opcode.checkSignature:
            return count >= 2 && Int(script.loadUInt8(0)) == count - 2 && isPublicKey(script, 1..<(count - 1))
        case Opcode.checkMultiSignature:
            return paysToSeveralKeys(script)
        default:
            return false
        }
    }

    /// m, n public keys, n, the check; 1 <= m <= n <= 16.
    private static func paysToSeveralKeys(_ script: RawSpan) -> Bool {
        guard let needed = smallNumber(script.loadUInt8(0)) else { return false }
        var offset = 1
        var keys = 0
        while offset < script.byteCount {
            let opcode = script.loadUInt8(offset)
            if let given = smallNumber(opcode) {
                return given == keys && needed <= given && offset + 2 == script.byteCount
            }
            guard opcode <= Opcode.pushData4, let key = push(opcode, in: script, at: offset),
                isPublicKey(script, key)
            else { return false }
            keys += 1
            offset = key.upperBound
        }
        return false
    }

    private static func smallNumber(_ opcode: UInt8) -> Int? {
        opcode >= Opcode.one && opcode <= Opcode.sixteen ? Int(opcode - Opcode.one) + 1 : nil
    }

    /// Has the first byte of a public key and the length that goes with it.
    private static func isPublicKey(_ script: RawSpan, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        switch script.loadUInt8(range.lowerBound) {
        case 2, 3: return range.count == 33
        case 4, 6, 7: return range.count == 65
        default: return false
        }
    }
}
