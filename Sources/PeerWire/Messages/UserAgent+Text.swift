extension UserAgent {
    /// The most bytes a receiver accepts: 256.
    public static let maximumByteCount = 256

    /// The text that common nodes show: what is no letter, digit, space or one of `.,;-_/:?@()` is left out.
    ///
    /// ``bytes`` are what was sent; ``description`` marks what it leaves out.
    public var displayText: String {
        let separators = Array("/:()".utf8)
        return String(decoding: bytes.filter { Self.isPlain($0) || separators.contains($0) }, as: UTF8.self)
    }

    /// The comment by which nodes tell the largest block they accept, in megabytes with one decimal, rounded down:
    /// `EB32.0` for 32,000,000 bytes. By custom the first comment of the first layer.
    public static func excessiveBlockComment(maxBlockSize: Int) -> String {
        let tenths = max(0, maxBlockSize) / 100_000
        return "EB\(tenths / 10).\(tenths % 10)"
    }

    /// The largest block the node accepts, in bytes, as the first such comment tells (`EB32.0`, or `EB32`); `nil` when
    /// there is none. Just a claim.
    public var excessiveBlockSize: Int? {
        for component in components ?? [] {
            for comment in component.comments {
                if let size = Self.size(ofComment: Array(comment.utf8)) { return size }
            }
        }
        return nil
    }

    /// `EB`, one to six digits, and perhaps a point and one more digit.
    private static func size(ofComment comment: [UInt8]) -> Int? {
        guard comment.starts(with: Array("EB".utf8)) else { return nil }
        let parts = comment.dropFirst(2).split(separator: 0x2e, omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), (1...6).contains(parts[0].count) else { return nil }
        guard parts.count == 1 || parts[1].count == 1 else { return nil }
        guard parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
        let digits = parts[0] + (parts.count == 2 ? parts[1] : [0x30])
        return digits.reduce(0) { $0 * 10 + Int($1) - 0x30 } * 100_000
    }

    /// True for letters, digits, space and `.,;-_?@`: what names and comments are made of.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case 0x20, 0x2e, 0x2c, 0x2d, 0x5f, 0x3f, 0x40, 0x3b: true  // space . , - _ ? @ ;
        default: false
        }
    }
}
