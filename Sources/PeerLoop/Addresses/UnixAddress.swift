/// The address of a Unix domain socket: a file, or a name that is no file.
public struct UnixAddress: Hashable, Sendable {
    /// Where the name stands.
    public enum Space: Hashable, Sendable, BitwiseCopyable {
        /// In the file system, where permissions guard it.
        case path
        /// In a table of the network namespace (Linux), from which it vanishes with its last socket.
        case abstract
    }

    /// Where the name stands.
    public let space: Space
    /// The path, or the abstract name without the zero byte in front of it.
    public let name: String

    /// Bytes of a path or an abstract name at most: what the kernel's structure has room for.
    public static let nameByteLimit = 107

    /// The address of a file. A relative path is looked up in the process's folder each time it is used.
    ///
    /// Throws ``UnixAddressError``.
    public init(path: String) throws(UnixAddressError) {
        // The kernel would take the name for a shorter one.
        if path.utf8.contains(0) { throw .containsZero(path) }
        try self.init(.path, path)
    }

    /// An abstract name, in which any byte may stand.
    ///
    /// Throws ``UnixAddressError``.
    public init(abstractName: String) throws(UnixAddressError) {
        try self.init(.abstract, abstractName)
    }

    private init(_ space: Space, _ name: String) throws(UnixAddressError) {
        // To the kernel an empty name means that it is to choose one.
        if name.isEmpty { throw .empty }
        if name.utf8.count > Self.nameByteLimit { throw .tooLong(name) }
        self.space = space
        self.name = name
    }
}

extension UnixAddress: CustomStringConvertible {
    /// The path, or the abstract name behind an `@`.
    public var description: String {
        switch space {
        case .path: name
        case .abstract: "@\(name)"
        }
    }
}

/// A text that cannot name a Unix domain socket.
public enum UnixAddressError: Error, Hashable, Sendable {
    /// It has no bytes.
    case empty
    /// It has more than ``UnixAddress/nameByteLimit`` bytes.
    case tooLong(String)
    /// It is a path with a zero byte.
    case containsZero(String)
}

extension UnixAddressError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .empty: "the name of a Unix socket is empty"
        case .tooLong(let name):
            "'\(name)' has \(name.utf8.count) bytes; a Unix socket's name has \(UnixAddress.nameByteLimit) at most"
        case .containsZero(let path): "the path '\(path)' of a Unix socket contains a zero byte"
        }
    }
}
