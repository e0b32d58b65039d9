extension SeededGenerator {
    /// An input damaged a little, or two of them joined.
    ///
    /// Much less than a fuzzer does, and the same on each machine.
    public mutating func mutated(_ input: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            if bytes.isEmpty {
                bytes = other
                continue
            }
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<8, using: &self) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2: bytes[place] = [0, 1, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff][Int.random(in: 0..<8, using: &self)]
            case 3: bytes.removeLast(Int.random(in: 0...min(bytes.count, 40), using: &self))
            case 4: bytes.remove(at: place)
            case 5: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
            case 6: bytes = Array(bytes[..<place]) + other.suffix(Int.random(in: 0...other.count, using: &self))
            default:
                let end = min(bytes.count, place + Int.random(in: 1...20, using: &self))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }
}
