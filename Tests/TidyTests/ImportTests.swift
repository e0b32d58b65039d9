import Testing

/// Who may import what: the picture of the modules, executed.
@Suite struct ImportTests {
    /// What each library may import besides the standard library's own modules.
    private static let allowed: [String: Set<String>] = [
        "PeerLoop": ["CEpollShim", "DequeModule", "Glibc", "Synchronization"],
        "PeerWire": ["CSHA256", "Synchronization"],
        "PeerSession": ["PeerWire"],
        "PeerSim": ["PeerWire", "PeerSession", "DequeModule", "HeapModule"],
        "PeerKit": ["PeerLoop", "PeerWire", "PeerSession", "DequeModule", "Glibc", "Logging", "Synchronization"],
    ]

    /// The modules that a file imports, whole or in part: the word behind `import`, and behind the kind of what is
    /// imported from it.
    private func imports(of file: SourceFile) -> [String] {
        let kinds: Set<Substring> = ["struct", "enum", "class", "protocol", "func", "var", "typealias"]
        return file.lines.compactMap { line in
            let words = SourceFile.code(line).split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
            let isStatement = words[..<place].allSatisfy { $0.hasPrefix("@") || $0.wholeMatch(of: /[a-z]+/) != nil }
            guard isStatement else { return nil }
            let name = kinds.contains(words[place + 1]) ? words.dropFirst(place + 2).first : words[place + 1]
            return name.map { String($0.prefix { $0 != "." }) }
        }
    }

    @Test(arguments: SourceTree.libraries) func aLibraryImportsWhatThePictureShows(_ library: String) throws {
        let allowed = try #require(Self.allowed[library])
        var seen: Set<String> = []
        for file in try SourceTree.library(library) {
            let imports = Set(imports(of: file))
            #expect(imports.subtracting(allowed).isEmpty, "\(file)")
            seen.formUnion(imports)
        }
        #expect(!seen.isEmpty)
    }

    /// The rules behind the table, so that a change of it cannot let them slip.
    @Test func noLibraryImportsFoundationAndThePureOnesNoSystem() throws {
        for library in SourceTree.libraries {
            let isPure = ["PeerWire", "PeerSession", "PeerSim"].contains(library)
            let banned: Set = isPure ? ["Foundation", "Glibc", "Dispatch"] : ["Foundation", "Dispatch"]
            for file in try SourceTree.library(library) {
                #expect(imports(of: file).filter { banned.contains($0) || $0.hasPrefix("Foundation") } == [], "\(file)")
            }
        }
    }

    /// An example is what a user writes: of this package it has the one import.
    @Test func anExampleImportsOneProductAlone() throws {
        let examples = try SourceTree.examples()
        #expect(examples.count == 9)
        for (name, files) in examples {
            let allowed: Set =
                name == "ExampleSupport"
                ? ["Dispatch", "Glibc", "PeerLoop"]
                : ["ExampleSupport", SourceTree.product(of: name), "Synchronization"]
            for file in files { #expect(Set(imports(of: file)).subtracting(allowed) == [], "\(file)") }
        }
    }

    /// What is said of them holds: a whole server on one page.
    @Test func anExampleOfTheLoopIsLessThan60LinesInOneFile() throws {
        for name in SourceTree.loopExamples {
            let files = try #require(try SourceTree.examples()[name])
            #expect(files.count == 1)
            for file in files { #expect(file.lines.count - 1 < 60, "\(file)") }
        }
    }

    /// A user's program gets no module but those of the package.
    @Test func theExampleOfAnImportIsSeen() {
        let file = SourceFile(
            path: "Sources/A/B.swift",
            text: """
                import Glibc
                @_exported public import struct PeerLoop.SystemError
                  internal import Foundation
                // import X
                let text = "import Y"
                """)
        #expect(imports(of: file) == ["Glibc", "PeerLoop", "Foundation"])
    }
}
