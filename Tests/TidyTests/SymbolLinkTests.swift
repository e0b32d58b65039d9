import Foundation
import Testing

/// What the documentation links to is there, as far as text can tell. `make docs` has DocC check it in full.
@Suite struct SymbolLinkTests {
    private let declarations: [String: Declarations]

    init() throws {
        declarations = try Dictionary(
            uniqueKeysWithValues: SourceTree.libraries.map { ($0, Declarations(try SourceTree.library($0))) })
    }

    private static func documents() throws -> [SourceFile] {
        try SourceTree.files("Sources", endings: [".md", ".tutorial"]).filter(\.isShownOnly)
    }

    /// Whether a link of a page of a module leads to something.
    private func isKnown(_ link: Substring, in module: String) -> Bool {
        var module = module
        var parts = link.split(separator: "/")
        if link.hasPrefix("/") || parts.count > 1 && parts[0] == module { module = String(parts.removeFirst()) }
        if parts == [Substring(module)] { return true }
        let names = parts.compactMap { Declarations.Name(link: $0) }
        guard names.count == parts.count, let declared = declarations[module] else { return false }
        return !declared.places(of: names).isEmpty
    }

    @Test func everySymbolOfTheArticlesExists() throws {
        var count = 0
        for document in try Self.documents() {
            let text = document.text.replacing(/(?s)```.*?```/, with: "")
            for link in text.matches(of: /``([^`]+)``/) {
                count += 1
                #expect(isKnown(link.1, in: document.module), "\(document) links to \(link.1)")
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
        ("PeerNode/shutdown(within:)", true), ("/PeerWire/Services/bloom", true), ("/PeerWire/Nobody", false),
        ("SendError/queueFull", true), ("SendError/encoding(_:)", true), ("PeerConfiguration/init(network:)", true),
        ("PeerConfiguration/shutdown(within:)", false), ("PeerKit", true),
    ])
    func aLinkIsTold(_ link: String, _ exists: Bool) {
        #expect(isKnown(link[...], in: "PeerKit") == exists)
    }
}
