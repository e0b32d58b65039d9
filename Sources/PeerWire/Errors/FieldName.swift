/// The name of a field of a message, as errors show it. Written as a literal.
public struct FieldName: Hashable, Sendable, BitwiseCopyable, ExpressibleByStringLiteral, CustomStringConvertible {
    private let text: StaticString

    /// A name from a literal.
    public init(stringLiteral value: StaticString) {
        text = value
    }

    /// The name.
    public var description: String { text.description }

    /// Equal when the text is.
    public static func == (left: FieldName, right: FieldName) -> Bool {
        left.description == right.description
    }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
    }
}
