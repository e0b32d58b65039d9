import Foundation
import Testing

/// The code that tutorials show is the code of the examples, which are built and run.
@Suite struct TutorialTests {
    private static let catalog = "Sources/PeerKit/PeerKit.docc"

    /// A step of a tutorial that shows code.
    private struct Step {
        let name: String
        let file: String
    }

    private static func tutorials() throws -> [SourceFile] {
        try SourceTree.files(catalog + "/Tutorials", endings: [".tutorial"])
    }

    private static func steps(of tutorial: SourceFile) -> [Step] {
        tutorial.text.matches(of: /@Code\(name: "([^"]+)", file: "([^"]+)"\)/).map {
            Step(name: String($0.1), file: String($0.2))
        }
    }

    private static func shown() throws -> [String: SourceFile] {
        let files = try SourceTree.files(catalog + "/Resources", endings: [".swift"])
        return Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0) })
    }

    @Test func everyFileOfAnExampleIsShownAsItIs() throws {
        let shown = try Self.shown()
        for (name, files) in try SourceTree.examples()
        where name != "ExampleSupport" && SourceTree.product(of: name) == "PeerKit" {
            for file in files {
                #expect(
                    shown[file.name]?.text == file.text,
                    "copy \(file) to \(Self.catalog)/Resources, and look at the steps that lead to it")
            }
        }
    }

    @Test func aTutorialEndsWithTheWholeFile() throws {
        let tutorials = try Self.tutorials().filter { !$0.path.hasSuffix("/Tutorials.tutorial") }
        #expect(tutorials.count == 5)
        var used: Set<String> = []
        for tutorial in tutorials {
            let steps = Self.steps(of: tutorial)
            #expect(!steps.isEmpty, "\(tutorial)")
            for (index, step) in steps.enumerated() {
                used.insert(step.file)
                let isLast = !steps[(index + 1)...].contains { $0.name == step.name }
                #expect((step.file == step.name) == isLast, "\(tutorial) shows \(step.file)")
                // A step before is named for what it leads to.
                let stem = step.name.dropLast(".swift".count)
                #expect(step.file.hasPrefix(stem), "\(tutorial) shows \(step.file) as \(step.name)")
            }
        }
        #expect(used == Set(try Self.shown().keys))
    }

    @Test func everyTutorialIsInTheTableOfContents() throws {
        let tutorials = try Self.tutorials()
        let contents = try #require(tutorials.first { $0.name == "Tutorials.tutorial" })
        let listed = contents.text.matches(of: /tutorial: "doc:(\w+)"/).map { String($0.1) + ".tutorial" }
        #expect(Set(listed) == Set(tutorials.map(\.name)).subtracting([contents.name]))
    }
}
