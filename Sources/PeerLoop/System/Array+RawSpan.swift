extension [UInt8] {
    /// A copy of bytes that are lent, such as those of ``ConnectionHandler/received(_:on:)``.
    public init(copying bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}
