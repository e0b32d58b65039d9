/// Places in a block that only grow, on the wire as what each is beyond the least it could be: the first as it is, each
/// other one less the one before, less one.
///
/// Messages keep the differences, which are what the bytes say, whatever they add up to. Only the shortest form of each
/// is read, so that they give back the bytes. Source: `PROTOCOL` 2.12, BIP 152.
enum DifferentialIndexes {
    /// Reads one difference; any number of 64 bits will do.
    @inline(__always)
    static func readDifference(
        _ span: RawSpan, at offset: inout Int, _ field: FieldName
    ) throws(DecodeError) -> UInt64 {
        try CompactSize.decode(from: span, at: &offset, maximum: .max, field)
    }

    /// The places that some differences add up to; `nil` when one does not fit in 32 bits, or is more than the number
    /// of places before it and `others` together.
    static func indexes(of differences: [UInt64], among others: Int = .max) -> [UInt32]? {
        var indexes: [UInt32] = []
        indexes.reserveCapacity(differences.count)
        var least: UInt64 = 0
        var last = UInt64(max(0, others))
        for difference in differences {
            let (index, overflow) = least.addingReportingOverflow(difference)
            guard !overflow, index <= last, let short = UInt32(exactly: index) else { return nil }
            indexes.append(short)
            least = index + 1
            last += 1
        }
        return indexes
    }

    /// The differences of some places; `nil` unless each is greater than the one before.
    static func differences(of indexes: some Collection<UInt32>) -> [UInt64]? {
        var differences: [UInt64] = []
        differences.reserveCapacity(indexes.count)
        var least: UInt64 = 0
        for index in indexes {
            guard UInt64(index) >= least else { return nil }
            differences.append(UInt64(index) - least)
            least = UInt64(index) + 1
        }
        return differences
    }

    /// Number of bytes that the differences take.
    static func encodedLength(_ differences: [UInt64]) -> Int {
        differences.reduce(0) { $0 + CompactSize.encodedLength($1) }
    }
}
