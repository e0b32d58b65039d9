extension UserAgent {
    /// One layer of the software: its name, its version and comments.
    public struct Component: Hashable, Sendable {
        /// The name, such as `Bitcoin Cash Node`.
        public var name: String
        /// The version, such as `28.0.1`; `nil` when there is none, nor a colon.
        public var version: String?
        /// The comments, such as `EB32.0`.
        public var comments: [String]

        /// A layer from its parts; they are looked at when an agent is made of it.
        public init(name: String, version: String?, comments: [String] = []) {
            self.name = name
            self.version = version
            self.comments = comments
        }
    }

    /// An agent of some layers, the lowest one first: `/Node:1.0(comment; comment)/Wallet:2.0/`.
    ///
    /// What is made so gives the same ``components`` again. Allowed in names, versions and comments are letters,
    /// digits, spaces and `.,-_?@`, and in names and versions `;` too, which in comments would begin another one.
    ///
    /// - Throws: what cannot be in an agent.
    public init(_ components: [Component]) throws(UserAgentError) {
        var text = components.isEmpty ? "" : "/"
        for component in components {
            text += try Self.text(of: component)
            text += "/"
        }
        let bytes = Array(text.utf8)
        if bytes.count > Self.maximumByteCount {
            throw .tooLong(byteCount: bytes.count, limit: Self.maximumByteCount)
        }
        self.init(bytes: bytes)
    }

    private static func text(of component: Component) throws(UserAgentError) -> String {
        if component.name.isEmpty { throw .empty("name") }
        try requireAllowed(component.name, "name", isComment: false)
        var text = component.name
        if let version = component.version {
            try requireAllowed(version, "version", isComment: false)
            text += ":" + version
        }
        for comment in component.comments {
            if comment.isEmpty { throw .empty("comment") }
            try requireAllowed(comment, "comment", isComment: true)
        }
        return component.comments.isEmpty ? text : text + "(" + component.comments.joined(separator: "; ") + ")"
    }

    private static func requireAllowed(
        _ text: String, _ field: FieldName, isComment: Bool
    ) throws(UserAgentError) {
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value), isPlain(byte), !(isComment && byte == 0x3b) else {
                throw .forbiddenCharacter(field, scalar)
            }
        }
    }

    /// The layers; `nil` when the bytes are not of the form of BIP 14, as those of many agents are not.
    ///
    /// Names must not be empty; otherwise any text without `/`, `:`, `(` and `)` is taken. Comments are parted by `;`
    /// and one space after it, which may be missing; empty ones are left out.
    public var components: [Component]? {
        if bytes.isEmpty { return [] }
        guard bytes.count > 2, bytes.first == 0x2f, bytes.last == 0x2f,
            let text = String(validating: bytes.dropFirst().dropLast(), as: UTF8.self)
        else { return nil }
        var components: [Component] = []
        for part in text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false) {
            guard let component = Component(part) else { return nil }
            components.append(component)
        }
        return components
    }
}

extension UserAgent.Component {
    /// A layer from `name`, `name:version`, either with `(comment; comment)` after it.
    fileprivate init?(_ text: Substring.UnicodeScalarView) {
        var head = text
        var comments: [String] = []
        if let open = text.firstIndex(of: "(") {
            guard text.last == ")" else { return nil }
            let inside = text[text.index(after: open)...].dropLast()
            guard !inside.contains(where: { "():".unicodeScalars.contains($0) }) else { return nil }
            for (index, comment) in inside.split(separator: ";", omittingEmptySubsequences: false).enumerated() {
                let trimmed = index > 0 && comment.first == " " ? comment.dropFirst() : comment
                if !trimmed.isEmpty { comments.append(String(trimmed)) }
            }
            head = text[..<open]
        }
        let parts = head.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, !name.isEmpty, !head.contains(")") else { return nil }
        self.init(name: String(name), version: parts.count == 2 ? String(parts[1]) : nil, comments: comments)
    }
}

/// Why a user agent cannot be made of some layers. Source: `PROTOCOL` 2.16, BIP 14.
public enum UserAgentError: Error, Hashable, Sendable {
    /// A name or a comment without any character.
    case empty(FieldName)
    /// A name, version or comment with a character that may not be there.
    case forbiddenCharacter(FieldName, Unicode.Scalar)
    /// The whole agent would be longer than receivers accept.
    case tooLong(byteCount: Int, limit: Int)
}

extension UserAgentError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .empty(let field): "an empty \(field)"
        case .forbiddenCharacter(let field, let scalar):
            "a \(field) with U+\(String(scalar.value, radix: 16, uppercase: true))"
        case .tooLong(let byteCount, let limit): "\(byteCount) bytes, over the limit of \(limit)"
        }
    }
}
