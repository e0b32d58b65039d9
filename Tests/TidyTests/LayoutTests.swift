import Foundation
import Testing

/// Sizes, and words that have no place here.
@Suite struct LayoutTests {
    @Test func theTreeIsFound() throws {
        // Without this a wrong folder would pass every other check.
        #expect(try SourceTree.everything().count > 100)
        for library in SourceTree.libraries { #expect(try SourceTree.library(library).count > 5, "\(library)") }
    }

    @Test func noFileIsOver400Lines() throws {
        for file in try SourceTree.everything() {
            let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
            #expect(count <= 400, "\(file) has \(count) lines")
        }
    }

    /// Lines of literal bytes. The counts may only go down.
    private static let longLines = ["Tests/PeerctlTests": 6]

    @Test func noLineIsOver120Columns() throws {
        var long: [String: [String]] = [:]
        for file in try SourceTree.everything() {
            let folder = file.path.split(separator: "/").prefix(2).joined(separator: "/")
            long[folder, default: []] += file.places { $0.count > 120 }
        }
        for (folder, places) in long {
            let allowed = Self.longLines[folder] ?? 0
            #expect(places.count <= allowed, "\(places.joined(separator: "\n"))")
        }
    }

    @Test func nothingIsLeftToDo() throws {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        for file in try SourceTree.everything() {
            #expect(file.places { line in words.contains { line.contains($0) } } == [])
        }
    }

    /// Paths of one machine in what others are to build and read.
    @Test func noPathsOfAMachine() throws {
        let files = try SourceTree.files(
            "Sources", "Examples", "docs", "Makefile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
            endings: SourceTree.code + [".md", ".sh", ".tutorial", "Makefile"])
        for file in files {
            #expect(file.places { $0.contains("/") && $0.contains(/(^|[^\w.])\/(work|tmp|home|root)\//) } == [])
        }
    }

    @Test func linkedFilesOfTheDocumentationExist() throws {
        let files = try SourceTree.files(
            "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "Examples", endings: [".md"])
        for file in files {
            let folder = SourceTree.root.appendingPathComponent(file.path).deletingLastPathComponent()
            for link in file.text.matches(of: /\]\(([^)#\s]+)(#[^)]*)?\)/) where !link.1.contains("://") {
                let target = folder.appendingPathComponent(String(link.1)).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: target.path), "\(file) links to \(link.1)")
            }
        }
    }

    @Test func filesOfTheDocumentationThatAreNamedExist() throws {
        let files = try SourceTree.files(
            "Sources", "Tests", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs",
            endings: SourceTree.code + [".md", "Makefile"])
        for file in files {
            guard file.text.contains("docs/") else { continue }
            for name in file.text.matches(of: /(?:^|[\s`("\[])(docs\/[\w\/.-]+\.\w+)/) {
                let target = SourceTree.root.appendingPathComponent(String(name.1))
                #expect(FileManager.default.fileExists(atPath: target.path), "\(file) names \(name.1)")
            }
        }
    }

    @Test func theShimIsSmallAndPrefixed() throws {
        let files = try SourceTree.files("Sources/CEpollShim", endings: [".c", ".h"])
        let count = files.reduce(0) { $0 + $1.lines.count - 1 }
        #expect(count > 50 && count < 220)
        // A definition begins at the start of its line. One that is not static is seen by every program.
        for file in files {
            for line in file.lines {
                guard let match = line.firstMatch(of: /^(?:const )?(?:extern )?[a-z]\w*[ *]+(\w+)\s*(?:\(|=|,|;)/)
                else {
                    continue
                }
                if line.hasPrefix("static ") || line.hasPrefix("typedef") || line.hasPrefix("return") { continue }
                #expect(match.1.hasPrefix("cepoll_"), "\(file): \(line)")
            }
        }
    }
}
