import Foundation
import FuzzBodies
import TestSupport

/// The inputs saved with the project: the corpus, and what fuzzing has found.
enum SavedInputs {
    static func folder(_ name: String, _ target: FuzzTarget) -> URL {
        SharedData.packageRoot.appendingPathComponent("Fuzz/\(name)/\(target.rawValue)")
    }

    /// The files of a folder, by name; none when there is no such folder.
    static func files(_ folder: URL) throws -> [(name: String, input: [UInt8])] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { !$0.hasPrefix(".") }
            .map { ($0, [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))) }
    }
}
