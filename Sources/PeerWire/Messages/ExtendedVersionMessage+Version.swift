extension ExtendedVersionMessage {
    /// A version of the protocol of these messages, such as 0.1.0.
    public struct Version: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
        /// The number on the wire: major times 10,000, minor times 100 and revision added up.
        public let rawValue: UInt64

        /// A version from its number; none is refused.
        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// A version from its parts; `nil` when minor or revision are over 99 or major over 1,844,674,407,370,954.
        public init?(major: UInt64, minor: UInt64, revision: UInt64) {
            guard major < UInt64.max / 10_000, minor < 100, revision < 100 else { return nil }
            self.init(rawValue: major * 10_000 + minor * 100 + revision)
        }

        /// The first number of the text form.
        public var major: UInt64 { rawValue / 10_000 }
        /// The second number of the text form, 0 to 99.
        public var minor: UInt64 { rawValue / 100 % 100 }
        /// The third number of the text form, 0 to 99.
        public var revision: UInt64 { rawValue % 100 }

        /// 0.1.0, the version in use.
        public static var current: Version { Version(rawValue: 100) }

        /// Orders by number.
        public static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
    }
}

extension ExtendedVersionMessage.Version: CustomStringConvertible {
    /// The three parts with dots, such as `0.1.0`.
    public var description: String { "\(major).\(minor).\(revision)" }
}
