/// The table, and the same as JSON.
package struct Report {
    package private(set) var measurements: [Measurement] = []

    package init() {}

    package static let heading =
        pad("operation", 34) + pad("ns", 13, right: true) + pad("target", 11, right: true)
        + pad("MB/s", 9, right: true) + pad("target", 8, right: true) + pad("x hash", 8, right: true)
        + pad("target", 8, right: true) + pad("allocs", 9, right: true) + pad("target", 8, right: true) + "  verdict"

    /// Adds a row and gives its text.
    package mutating func add(_ row: Measurement) -> String {
        measurements.append(row)
        let target = row.target
        var text = Self.pad(row.name, 34)
        text += Self.pad(Self.number(row.nanoseconds, row.nanoseconds < 1_000 ? 1 : 0), 13, right: true)
        text += Self.pad(target.nanoseconds.map { Self.number($0, 0) } ?? "", 11, right: true)
        text += Self.pad(row.byteCount == 0 ? "" : Self.number(row.megabytesPerSecond, 0), 9, right: true)
        text += Self.pad(target.megabytesPerSecond.map { Self.number($0, 0) } ?? "", 8, right: true)
        text += Self.pad(row.hashRatio.map { Self.number($0, 2) } ?? "", 8, right: true)
        text += Self.pad(target.hashRatio.map { Self.number($0, 2) } ?? "", 8, right: true)
        text += Self.pad(Self.number(row.allocations / Double(row.messageCount), 2), 9, right: true)
        text += Self.pad(target.allocations.map { Self.number($0, 0) } ?? "", 8, right: true)
        return text + "  " + row.verdict.rawValue
    }

    package var json: String {
        let rows = measurements.map { row -> String in
            var fields = [
                "\"name\": \"\(row.name)\"", "\"bytes\": \(row.byteCount)", "\"messages\": \(row.messageCount)",
                "\"ns\": \(Self.number(row.nanoseconds, 2))",
                "\"ns_min\": \(Self.number(row.range.lowerBound, 2))",
                "\"ns_max\": \(Self.number(row.range.upperBound, 2))",
                "\"mb_per_s\": \(Self.number(row.megabytesPerSecond, 1))",
                "\"allocations\": \(Self.number(row.allocations, 3))",
                "\"allocated_bytes\": \(Self.number(row.allocatedBytes, 0))",
                "\"verdict\": \"\(row.verdict.rawValue)\"",
            ]
            if let ratio = row.hashRatio { fields.append("\"hash_ratio\": \(Self.number(ratio, 3))") }
            return "    {" + fields.joined(separator: ", ") + "}"
        }
        return "{\n  \"version\": 1,\n  \"rows\": [\n" + rows.joined(separator: ",\n") + "\n  ]\n}\n"
    }

    static func number(_ value: Double, _ places: Int) -> String {
        let scale = [1.0, 10, 100, 1_000][min(places, 3)]
        let scaled = (value * scale).rounded()
        let whole = Int(scaled / scale)
        if places == 0 { return String(whole) }
        let fraction = String(Int(scaled - Double(whole) * scale))
        return "\(whole)." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return right ? space + text : text + space
    }
}

extension Measurement {
    package enum Verdict: String {
        /// Every bar is reached.
        case good = "ok"
        /// The time is not, but the ratio to the hash of this machine is.
        case goodAsRatio = "ok (ratio)"
        case missed = "MISSED"
        case none = "-"
    }

    package var verdict: Verdict {
        if let most = target.allocations, allocations / Double(messageCount) > most + 0.005 { return .missed }
        var isTimeGood = true
        if let most = target.nanoseconds, nanoseconds > most { isTimeGood = false }
        if let least = target.megabytesPerSecond, megabytesPerSecond < least { isTimeGood = false }
        if !isTimeGood {
            guard let most = target.hashRatio, let hashRatio, hashRatio <= most else { return .missed }
            return .goodAsRatio
        }
        let hasBar = target.nanoseconds != nil || target.megabytesPerSecond != nil || target.allocations != nil
        return hasBar ? .good : .none
    }
}
