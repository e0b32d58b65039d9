import Foundation
import Testing

/// What the documentation links to is there, as far as text can tell. `make docs` has DocC check it in full.
@Suite struct SymbolLinkTests {
    /// A name as a link writes it: `queue(_:)-(Message)` has a base, labels, and a suffix that is left out.
    private struct Name {
        let base: String
        let labels: [String]?

        init?(_ text: Substring) {
            guard let match = text.wholeMatch(of: /(\w+)(?:\(((?:\w+:)*)\))?(?:-.*)?/) else { return nil }
            base = String(match.1)
            labels = match.2.map { $0.split(separator: ":").map(String.init) }
        }

        /// Whether a file declares it.
        func isDeclared(in text: String) -> Bool {
            if let labels {
                let heads = base == "init" ? "init[?]?" : "func \(base)|case \(base)|subscript"
                guard let head = try? Regex("\\b(?:\(heads))(?:<[^>(]*>)?\\(") else { return false }
                return text.matches(of: head).contains { Name.labels(text[$0.range.upperBound...]) == labels }
            }
            let kinds = "struct|enum|class|protocol|actor|typealias|var|let|case"
            guard let plain = try? Regex("\\b(?:\(kinds)) (?:[\\w, ()]*, )?\(base)\\b") else { return false }
            return text.contains(plain)
        }

        /// The labels of a parameter list that begins here, each the first word behind a comma.
        private static func labels(_ text: Substring) -> [String] {
            var labels: [String] = []
            var word = ""
            var depth = 0
            var isInLabel = true
            for character in text {
                if depth == 0, character == ")" { break }
                if "([{".contains(character) { depth += 1 }
                if ")]}".contains(character) { depth -= 1 }
                if depth == 0, character == "," {
                    isInLabel = true
                    word = ""
                } else if isInLabel, character.isLetter || character.isNumber || character == "_" {
                    word.append(character)
                } else if isInLabel, !word.isEmpty {
                    labels.append(word)
                    isInLabel = false
                }
            }
            return labels
        }
    }

    private static func documents() throws -> [SourceFile] {
        try SourceTree.files("Sources", endings: [".md", ".tutorial"]).filter(\.isShownOnly)
    }

    /// The files that declare what a path leads to; empty when there is none.
    private static func places(of link: Substring, in module: String) throws -> [String] {
        var module = module
        var parts = link.split(separator: "/")
        if link.hasPrefix("/") || parts.first.map(String.init) == module && parts.count > 1 {
            module = String(parts.removeFirst())
        }
        let names = parts.compactMap(Name.init)
        guard names.count == parts.count, let last = names.last else { return [] }
        // A page's own module, and those whose parts it exports.
        if parts.count == 1, last.base == module { return [module] }
        return try SourceTree.library(module).filter { file in
            guard last.isDeclared(in: file.text) else { return false }
            // A member stands in a file that declares or extends what it belongs to.
            guard let owner = names.dropLast().last else { return true }
            return file.text.contains(
                try Regex("\\b(?:struct|enum|class|protocol|actor|extension) (?:\\w+\\.)*\(owner.base)\\b"))
        }.map(\.path)
    }

    @Test func everySymbolOfTheArticlesExists() throws {
        var count = 0
        for document in try Self.documents() {
            let text = document.text.replacing(/(?s)```.*?```/, with: "")
            for link in text.matches(of: /``([^`]+)``/) {
                count += 1
                #expect(try !Self.places(of: link.1, in: document.module).isEmpty, "\(document) links to \(link.1)")
            }
        }
        #expect(count > 100)
    }

    @Test func everyPageThatIsLinkedToExists() throws {
        let documents = try Self.documents()
        let names = Set(documents.map { $0.name.split(separator: ".").first.map(String.init) ?? "" })
        var count = 0
        for document in documents {
            for link in document.text.matches(of: /doc:([\w\/]+)/) {
                count += 1
                let page = link.1.split(separator: "/").last.map(String.init) ?? ""
                #expect(names.contains(page), "\(document) links to \(link.1)")
            }
        }
        #expect(count > 5)
    }

    @Test(arguments: [
        ("Peer/queue(_:)-(Message)", true), ("Peer/queue(to:)", false), ("Peer/nothing", false), ("Nobody", false),
        ("PeerNode/connect(to:from:)", true), ("/PeerWire/Services/bloom", true), ("/PeerWire/Nobody", false),
        ("SendError/queueFull", true), ("PeerConfiguration/init(network:)", true),
    ])
    func aLinkIsTold(_ link: String, _ exists: Bool) throws {
        #expect(try Self.places(of: link[...], in: "PeerKit").isEmpty != exists)
    }
}
