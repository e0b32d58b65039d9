import PeerWire

/// The bytes are an `extversion`. Its entries put together again are the same map.
enum ExtendedVersionBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        let message = try attempt { () throws(DecodeError) in
            try Message.decode(command: .extendedVersion, payload: input)
        }
        guard case .extendedVersion(let map)? = message else { return }
        try visit(map)
        let entries = Array(map.entries)
        try require(entries.count == map.entries.count, "\(entries.count) entries of \(map.entries.count)")
        var again = ExtendedVersionMessage(entries)
        again.trailingBytes = map.trailingBytes
        try require(again == map, "the entries make another map")
        let payload = try expect("a map of its entries") { () throws(EncodeError) in
            try Message.extendedVersion(again).payload()
        }
        try require(payload == input, "the entries make other bytes")
        for entry in entries.prefix(8) {
            let last = entries.last { $0.key == entry.key }
            try require(map.value(for: entry.key) == last?.value, "key \(entry.key) has another value")
        }
    }

    static func visit(_ map: ExtendedVersionMessage) throws(Violation) {
        if let version = map.version {
            let again = ExtendedVersionMessage.Version(
                major: version.major, minor: version.minor, revision: version.revision)
            try require(again == version || version.major >= UInt64.max / 10_000, "version \(version)")
            try MessageWalk.requireDescription(version)
        }
        for entry in map.entries.prefix(8) { _ = map.number(for: entry.key) }
    }

    static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for message in Samples.messages where message.kind == .extendedVersion {
            guard let payload = try? message.payload() else { continue }
            seeds += [payload, payload + [7, 8]]
        }
        return seeds
    }
}
