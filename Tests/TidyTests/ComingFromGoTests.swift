import Foundation
import Testing

/// The article for those who know the Go package names everything that package exports, and nothing that is not here.
@Suite struct ComingFromGoTests {
    private static let article = "Sources/PeerKit/PeerKit.docc/ComingFromGo.md"
    private static let modules = ["PeerLoop", "PeerWire", "PeerSession", "PeerKit"]

    private static let symbols = Result { PublicSymbols(try modules.flatMap { try SourceTree.library($0) }).names }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// What stands between backquotes.
    private static func code(in text: some StringProtocol) -> [String] {
        String(text).matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    private struct Row {
        let name: String
        let symbols: [String]
        let isExplained: Bool
    }

    /// The rows of the tables: a Go name, what it is here, and a word about it.
    private static func rows() throws -> [Row] {
        try text(article).split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            try #require(cells.count == 5, "\(line)")
            let name = try #require(code(in: cells[1]).first)
            return Row(name: name, symbols: code(in: cells[2]), isExplained: !cells[3].isEmpty)
        }
    }

    @Test func eachExportedNameHasOneRow() throws {
        let exported = try Self.text("Tests/Data/GoPeerNames.txt").split(separator: "\n").map(String.init)
        #expect(exported.count == 132 && Set(exported).count == 132)
        let named = try Self.rows().map(\.name)
        #expect(Set(exported).subtracting(named) == [])
        #expect(Set(named).subtracting(exported) == [])
        #expect(named.count == Set(named).count, "a name has two rows")
    }

    @Test func eachRowNamesWhatIsHereOrSaysWhyNothingIs() throws {
        let symbols = try Self.symbols.get()
        for row in try Self.rows() {
            #expect(!row.symbols.isEmpty || row.isExplained, "\(row.name)")
            for symbol in row.symbols {
                #expect(symbols.contains(symbol), "\(row.name): \(symbol)")
            }
        }
    }

    /// Outside the table too: whatever looks like one of our symbols is one.
    @Test func theProseNamesWhatIsHere() throws {
        let symbols = try Self.symbols.get()
        let prose = try Self.text(Self.article).split(separator: "\n").filter { !$0.hasPrefix("|") }
        for name in Self.code(in: prose.joined(separator: "\n")) where name.contains(/^[A-Z]\w+\.\w+/) {
            #expect(symbols.contains(name), "\(name)")
        }
    }

    @Test func declarationsAreRead() {
        let file = SourceFile(
            path: "Sources/A/B.swift",
            text: """
                public struct Box<Value>: Sendable {
                    /// public var no: Int
                    public let a: Int
                    var hidden = 0
                    public private(set) var b = { 0 }()
                    public init?(_ text: String, of other: Int = 1) {
                        public let local = 1
                    }
                    public enum Kind {
                        case one, two(Int)
                        case three
                    }
                }

                extension Box {
                    @discardableResult
                    public func make<Result, Failure: Error>(
                        _ a: (Int, Int) -> Result, with b: [Int: Int] = [:],
                        _ c: Int
                    ) throws(Failure) -> Result {
                    }
                    public static func == (left: Box, right: Box) -> Bool { true }
                    func hiddenToo() {}
                    public func end() {}
                }

                enum Inner {
                    case none
                }
                public typealias Other = Box
                """)
        #expect(
            PublicSymbols([file]).names == [
                "Box", "Box.a", "Box.b", "Box.init(_:of:)", "Box.Kind", "Box.Kind.one", "Box.Kind.two",
                "Box.Kind.three", "Box.make(_:with:_:)", "Box.end()", "Other",
            ])
    }
}
