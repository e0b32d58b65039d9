/// The bytes of hexadecimal text; `nil` for an odd number of digits or anything that is no digit.
public func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = text.map(\.hexDigitValue)
    guard digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).reduce(into: [UInt8]?.some([])) { bytes, index in
        guard let high = digits[index], let low = digits[index + 1] else { return bytes = nil }
        bytes?.append(UInt8(high << 4 | low))
    }
}
