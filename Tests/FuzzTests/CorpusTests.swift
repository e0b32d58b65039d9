import Foundation
import FuzzBodies
import TestSupport
import Testing

/// The saved corpus stays small, and every file in it is used.
@Suite struct CorpusTests {
    @Test func itIsSmall() throws {
        var byteCount = 0
        for target in FuzzTarget.allCases {
            let saved = try SavedInputs.files(SavedInputs.folder("Corpus", target))
            #expect(saved.count <= 300, "\(target.rawValue) has \(saved.count) files")
            byteCount += saved.reduce(0) { $0 + $1.input.count }
        }
        #expect(byteCount < 1_000_000)
    }

    @Test func eachFolderIsThatOfATarget() throws {
        let targets = Set(FuzzTarget.allCases.map(\.rawValue))
        for name in ["Corpus", "Findings"] {
            let folder = SharedData.packageRoot.appendingPathComponent("Fuzz/\(name)")
            guard FileManager.default.fileExists(atPath: folder.path) else { continue }
            let folders = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(Set(folders.filter { !$0.hasPrefix(".") && $0 != "README.md" }).subtracting(targets) == [])
        }
    }

    /// A body that finds nothing wrong with anything would let every other test pass.
    @Test func aBodyWorksOnItsInput() throws {
        // The long frame that the settings ask for is more than the input.
        #expect(try FuzzTarget.frameStream.run([0, 0x40, 1, 0x0b]) > 2_000_000)
        // As is a tree of 255 transactions.
        #expect(try FuzzTarget.merkle.run([1, 255, 0, 1, 0xff]) == 255 * 32)
    }
}
