/// The software of a node, as its `version` says: `/Name:Version(comment; comment)/`, one part for each layer.
///
/// Kept as bytes: what a peer sends need not be text. At most 256 bytes. Source: `PROTOCOL` 2.16, BIP 14.
public struct UserAgent: Hashable, Sendable {
    /// The bytes as on the wire.
    public let bytes: [UInt8]

    /// A user agent as received; any bytes will do.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// `/name:version(comment; comment)/`, with characters that would break the form taken out.
    ///
    /// Kept are letters, digits, spaces and `.,;-_?@`; from a comment no `;` either, since it parts comments.
    /// ``init(_:)`` refuses them instead.
    public init(name: String, version: String, comments: [String] = []) {
        let comments = comments.map { Self.clean($0, keepsSemicolon: false) }.filter { !$0.isEmpty }
        let suffix = comments.isEmpty ? "" : "(\(comments.joined(separator: "; ")))"
        self.init(bytes: Array("/\(Self.clean(name)):\(Self.clean(version))\(suffix)/".utf8))
    }

    /// No user agent.
    public static var empty: UserAgent { UserAgent(bytes: []) }

    /// This agent with another layer after it.
    public func appending(_ other: UserAgent) -> UserAgent {
        let joins = bytes.last == 0x2f && other.bytes.first == 0x2f
        return UserAgent(bytes: bytes + (joins ? other.bytes.dropFirst() : other.bytes[...]))
    }

    private static func clean(_ text: String, keepsSemicolon: Bool = true) -> String {
        let kept = text.utf8.filter { isPlain($0) && (keepsSemicolon || $0 != 0x3b) }
        return String(decoding: kept, as: UTF8.self)
    }
}

extension UserAgent: CustomStringConvertible {
    /// The text with bytes outside printable ASCII replaced by `?`, so that it is safe to show.
    public var description: String {
        String(decoding: bytes.map { (0x20...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    }
}
