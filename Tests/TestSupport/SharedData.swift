public import Foundation

/// Captured traffic and vectors that lie beside the project in a development checkout (`../shared/data`, or the folder
/// named by `PEERKIT_SHARED`). A user's machine has none: tests that need them are disabled with
/// ``unavailable``.
public enum SharedData {
    /// The package's own folder.
    public static let packageRoot: URL = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["PEERKIT_SHARED"] {
            return URL(fileURLWithPath: path).appendingPathComponent("data")
        }
        return packageRoot.deletingLastPathComponent().appendingPathComponent("shared/data")
    }()

    /// What a skipped test says.
    public static let unavailable = "the captured traffic (../shared/data, or PEERKIT_SHARED) is not on this machine"

    /// True when the folder is here.
    public static let isAvailable: Bool = FileManager.default.fileExists(
        atPath: folder.appendingPathComponent("README.md").path)

    /// The bytes of a file in the folder.
    public static func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    /// The path of a file in the folder.
    public static func path(of name: String) -> String {
        folder.appendingPathComponent(name).path
    }
}
