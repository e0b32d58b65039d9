/// A version of the peer protocol, with the named steps at which messages and fields appeared.
///
/// Signed as on the wire; a negative version is below every minimum. Source: `PROTOCOL` 4.1.
public struct ProtocolVersion: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number on the wire.
    public let rawValue: Int32

    /// A version from its number.
    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Orders by number.
    @inlinable
    public static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool {
        left.rawValue < right.rawValue
    }

    /// 106: `version` goes on after the receiver's address: the sender's, nonce and user agent.
    public static var senderAddress: ProtocolVersion { ProtocolVersion(rawValue: 106) }
    /// 209: `addr` may carry more than one entry; the lowest version accepted by default.
    public static var multipleAddresses: ProtocolVersion { ProtocolVersion(rawValue: 209) }
    /// 31402: entries of `addr` carry a time.
    public static var addressTime: ProtocolVersion { ProtocolVersion(rawValue: 31402) }
    /// 31800: `getheaders` and `headers`; the lowest version some nodes accept.
    public static var getHeaders: ProtocolVersion { ProtocolVersion(rawValue: 31800) }
    /// 60000: *above* it `ping` carries a nonce and `pong` exists (BIP 31).
    public static var pingNonce: ProtocolVersion { ProtocolVersion(rawValue: 60000) }
    /// 60002: `mempool` (BIP 35).
    public static var mempool: ProtocolVersion { ProtocolVersion(rawValue: 60002) }
    /// 70001: bloom filter messages, `notfound` and the relay flag of `version` (BIP 37).
    public static var bloomFilter: ProtocolVersion { ProtocolVersion(rawValue: 70001) }
    /// 70002: `reject` (BIP 61); no reject is sent below it.
    public static var reject: ProtocolVersion { ProtocolVersion(rawValue: 70002) }
    /// 70011: bloom messages need the BLOOM service (BIP 111).
    public static var bloomService: ProtocolVersion { ProtocolVersion(rawValue: 70011) }
    /// 70012: `sendheaders` (BIP 130).
    public static var sendHeaders: ProtocolVersion { ProtocolVersion(rawValue: 70012) }
    /// 70013: `feefilter` (BIP 133).
    public static var feeFilter: ProtocolVersion { ProtocolVersion(rawValue: 70013) }
    /// 70014: compact blocks (BIP 152).
    public static var compactBlocks: ProtocolVersion { ProtocolVersion(rawValue: 70014) }
    /// 70015: compact blocks may be relayed before they are validated.
    public static var noValidationRelay: ProtocolVersion { ProtocolVersion(rawValue: 70015) }
    /// 70016: messages that negotiate features between `version` and `verack`, `sendaddrv2` among them (BIP 155).
    public static var featureNegotiation: ProtocolVersion { ProtocolVersion(rawValue: 70016) }
    /// The highest version spoken here: 70016.
    public static var current: ProtocolVersion { featureNegotiation }
}

extension ProtocolVersion: CustomStringConvertible {
    /// The number.
    public var description: String { String(rawValue) }
}
