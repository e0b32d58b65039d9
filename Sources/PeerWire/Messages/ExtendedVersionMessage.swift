/// The payload of `extversion`, and what an `xversion` should hold: a map from numbers to bytes, by which nodes tell
/// what they can do.
///
/// Layout: a count, then for each entry its key as CompactSize and its value with a length. Entries are kept in order,
/// with keys that come twice; of these the last one counts. At most 8,192 entries; the payload has at most 100,000
/// bytes. Values are views of one shared copy of the payload. `extversion` is sent before `verack`, and only when both
/// sides offer ``Services/extendedVersion``. Source: `PROTOCOL` 2.17.
public struct ExtendedVersionMessage: Hashable, Sendable {
    /// The map as on the wire, from its count on: always well formed.
    private(set) var map: [UInt8]
    /// Number of entries, those with a key that comes again included.
    private(set) var entryCount: Int
    /// Bytes after the last entry, kept as received; empty in messages made here.
    public var trailingBytes: [UInt8] = []

    /// The key of the version of the protocol of these messages: 0.
    public static let versionKey: UInt64 = 0

    /// A map of some entries, in this order.
    public init(_ entries: [Entry] = []) {
        let length = entries.reduce(CompactSize.encodedLength(entries.count)) { $0 + $1.encodedLength }
        var writer = ByteWriter(capacity: length)
        writer.writeCount(entries.count)
        for entry in entries { entry.encode(into: &writer) }
        map = writer.finish()
        entryCount = entries.count
    }

    /// A map that begins with the version of the protocol of these messages.
    public init(version: Version, _ entries: [Entry] = []) {
        self.init([Entry(key: Self.versionKey, number: version.rawValue)] + entries)
    }
}

extension ExtendedVersionMessage {
    /// The value of a key, of the last entry when there are several; `nil` when there is none.
    ///
    /// Goes through the whole map.
    public func value(for key: UInt64) -> WireBytes? {
        var found: WireBytes?
        for entry in entries where entry.key == key { found = entry.value }
        return found
    }

    /// The value of a key read as a number (a CompactSize of any size); `nil` when there is none.
    ///
    /// An empty value counts as none, and so does one that does not begin with a number in its shortest form. Bytes
    /// after the number are passed over.
    public func number(for key: UInt64) -> UInt64? { value(for: key)?.leadingNumber }

    /// The version of the protocol of these messages, under ``versionKey``; `nil` when the sender does not tell.
    public var version: Version? { number(for: Self.versionKey).map(Version.init(rawValue:)) }
}

extension ExtendedVersionMessage: WirePayload {
    static func decode(
        from span: RawSpan, at offset: inout Int, _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(DecodeError) -> ExtendedVersionMessage {
        let start = offset
        let count = try span.readCount(
            at: &offset, maximum: limits.maxExtendedVersionEntries, itemSize: Entry.minimumByteCount,
            "entry count")
        for _ in 0..<count {
            _ = try CompactSize.decode(from: span, at: &offset, maximum: .max, "key")
            _ = try span.readByteRange(at: &offset, "value")
        }
        var message = ExtendedVersionMessage()
        message.map = [UInt8](copying: span.extracting(start..<offset))
        message.entryCount = count
        message.trailingBytes = try span.readTrailing(at: &offset, limits: limits)
        return message
    }

    func encodedLength(_ version: ProtocolVersion) -> Int { map.count + trailingBytes.count }

    func check(_ version: ProtocolVersion, _ limits: borrowing WireLimits) throws(EncodeError) {
        try EncodeError.require(entryCount, atMost: limits.maxExtendedVersionEntries, "entry count")
    }

    func encode(into writer: inout ByteWriter, _ version: ProtocolVersion) {
        writer.writeBytes(map)
        writer.writeBytes(trailingBytes)
    }
}

extension WireBytes {
    /// The CompactSize that the bytes begin with.
    fileprivate var leadingNumber: UInt64? {
        withBytes { span in
            var offset = 0
            do throws(DecodeError) {
                return try CompactSize.decode(from: span, at: &offset, maximum: .max, "number")
            } catch {
                return nil
            }
        }
    }
}
