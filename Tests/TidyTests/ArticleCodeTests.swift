import Testing

/// The code in PeerLoop's articles is code that is compiled and run: lines of an example or of a test, one after
/// another, moved to the left.
@Suite struct ArticleCodeTests {
    private static func articles() throws -> [SourceFile] {
        try SourceTree.files("Sources/PeerLoop/PeerLoop.docc", endings: [".md"])
    }

    private static func sources() throws -> [SourceFile] {
        try SourceTree.examples().values.flatMap { $0 }
            + SourceTree.files("Tests/PeerLoopTests/Articles", endings: [".swift"])
    }

    /// The blocks of Swift in an article.
    private static func blocks(in text: String) -> [String] {
        text.matches(of: /(?s)```swift\n(.*?)\n```/).map { String($0.1) }
    }

    /// Lines without the indentation that all of them have.
    private static func moved(_ lines: ArraySlice<Substring>) -> [Substring] {
        let indentations = lines.filter { !$0.isEmpty }.map { line in line.prefix { $0 == " " }.count }
        return lines.map { $0.dropFirst(indentations.min() ?? 0) }
    }

    private static func has(_ file: SourceFile, _ block: String) -> Bool {
        let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
        guard file.lines.count >= lines.count else { return false }
        return (0...(file.lines.count - lines.count)).contains { start in
            moved(file.lines[start..<(start + lines.count)]) == lines
        }
    }

    @Test func whatArticlesShowIsCompiled() throws {
        let sources = try Self.sources()
        var count = 0
        for article in try Self.articles() {
            for block in Self.blocks(in: article.text) {
                count += 1
                #expect(sources.contains { Self.has($0, block) }, "\(article) shows\n\(block)")
            }
        }
        #expect(count > 15)
    }

    @Test func aBlockIsFoundInItsFile() {
        let text = "struct A {\n    let a = 1\n\n    func b() {\n        c()\n    }\n}\n"
        let file = SourceFile(path: "A.swift", text: text)
        #expect(Self.has(file, "func b() {\n    c()\n}"))
        #expect(Self.has(file, "let a = 1\n\nfunc b() {"))
        #expect(!Self.has(file, "func b() {\n    d()\n}"))
        #expect(!Self.has(file, "func b() {\nc()\n}"))
        #expect(Self.blocks(in: "```swift\na\nb\n```\n```\nc\n```\n```swift\nd\n```") == ["a\nb", "d"])
    }
}
