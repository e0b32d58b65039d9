/// SHA3-256, for the checksum in the names of Tor. Not fast: a name is hashed when it is shown or read. FIPS 202.
enum SHA3 {
    /// Number of bytes of a hash.
    static let byteCount = 32
    /// Number of bytes taken in between two permutations.
    private static let rate = 136

    /// The hash of some bytes.
    static func hash256(_ bytes: [UInt8]) -> [UInt8] {
        var state = [UInt64](repeating: 0, count: 25)
        var place = 0
        for byte in bytes {
            state[place / 8] ^= UInt64(byte) << UInt64(8 * (place % 8))
            place += 1
            if place == rate {
                permute(&state)
                place = 0
            }
        }
        state[place / 8] ^= 0x06 << UInt64(8 * (place % 8))
        state[rate / 8 - 1] ^= 1 << 63
        permute(&state)
        return (0..<byteCount).map { UInt8(truncatingIfNeeded: state[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }

    /// Keccak-f[1600]. Lane (x, y) is at x + 5 y.
    private static func permute(_ state: inout [UInt64]) {
        for constant in roundConstants {
            mixColumns(&state)
            rotateAndMove(&state)
            mixRows(&state)
            state[0] ^= constant
        }
    }

    /// Theta.
    private static func mixColumns(_ state: inout [UInt64]) {
        var parity = [UInt64](repeating: 0, count: 5)
        for place in 0..<25 { parity[place % 5] ^= state[place] }
        for place in 0..<25 {
            state[place] ^= parity[(place + 4) % 5] ^ rotated(parity[(place + 1) % 5], 1)
        }
    }

    /// Rho and pi, along the one cycle that moves every lane but the first; the distances are 1, 3, 6, 10 and so on.
    private static func rotateAndMove(_ state: inout [UInt64]) {
        var (x, y) = (1, 0)
        var moving = state[1]
        for step in 1...24 {
            (x, y) = (y, (2 * x + 3 * y) % 5)
            let displaced = state[x + 5 * y]
            state[x + 5 * y] = rotated(moving, UInt64(step * (step + 1) / 2 % 64))
            moving = displaced
        }
    }

    /// Chi.
    private static func mixRows(_ state: inout [UInt64]) {
        for start in stride(from: 0, to: 25, by: 5) {
            let (first, second) = (state[start], state[start + 1])
            for x in start..<(start + 3) { state[x] ^= ~state[x + 1] & state[x + 2] }
            state[start + 3] ^= ~state[start + 4] & first
            state[start + 4] ^= ~first & second
        }
    }

    private static func rotated(_ value: UInt64, _ distance: UInt64) -> UInt64 {
        value << distance | value >> (64 - distance)
    }

    private static let roundConstants: [UInt64] = [
        0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
        0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
        0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
        0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
        0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
        0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
    ]
}
