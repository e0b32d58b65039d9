import Foundation
import TestSupport

/// The project's own files as text, for checks that no compiler makes.
struct SourceFile: Sendable, CustomStringConvertible {
    /// From the package's folder on, such as `Sources/PeerLoop/Loop/EventLoop.swift`.
    let path: String
    let text: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var description: String { path }
    var isSwift: Bool { path.hasSuffix(".swift") }

    /// Code in a documentation catalogue, which no target builds.
    var isShownOnly: Bool { path.contains(".docc/") }

    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// The name of the module the file belongs to.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// Lines with their numbers, from 1 on, that `matches`.
    func places(_ matches: (Substring) -> Bool) -> [String] {
        zip(1..., lines).filter { matches($1) }.map { "\(path):\($0): \($1.trimmingCharacters(in: .whitespaces))" }
    }

    /// The code of a line, without its comment; good enough for text that has no `//` in its literals but after `:`.
    static func code(_ line: Substring) -> Substring {
        var start = line.startIndex
        while let slash = line[start...].firstRange(of: "//") {
            if slash.lowerBound == line.startIndex || line[line.index(before: slash.lowerBound)] != ":" {
                return line[..<slash.lowerBound]
            }
            start = slash.upperBound
        }
        return line
    }
}

enum SourceTree {
    static let root = SharedData.packageRoot

    /// The text files under some folders or at some paths, whatever is hidden or built left out.
    static func files(_ paths: String..., endings: [String]) throws -> [SourceFile] {
        var files: [SourceFile] = []
        for path in paths {
            let url = root.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
            let below = isFolder.boolValue ? try FileManager.default.subpathsOfDirectory(atPath: url.path) : [""]
            for name in below.sorted() {
                let whole = name.isEmpty ? path : path + "/" + name
                guard !whole.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { continue }
                guard endings.contains(where: { whole.hasSuffix($0) }) else { continue }
                let text = try String(contentsOf: root.appendingPathComponent(whole), encoding: .utf8)
                files.append(SourceFile(path: whole, text: text))
            }
        }
        return files
    }

    static let code = [".swift", ".c", ".h", ".modulemap"]

    /// Read once for all tests.
    private static let all = Result { try files("Sources", "Tests", "Examples", "Package.swift", endings: code) }

    static func everything() throws -> [SourceFile] { try all.get() }

    /// What is built for others, and what is shown to them.
    static func sources() throws -> [SourceFile] {
        try everything().filter { $0.path.hasPrefix("Sources/") || $0.path.hasPrefix("Examples/") }
    }

    static let libraries = ["PeerLoop", "PeerWire", "PeerSession", "PeerKit", "PeerSim"]

    static func library(_ name: String) throws -> [SourceFile] {
        try everything().filter { $0.isSwift && $0.path.hasPrefix("Sources/\(name)/") && !$0.isShownOnly }
    }

    /// Examples of PeerLoop; the others are of PeerKit.
    static let loopExamples: Set = ["echo-server", "chat-server", "tcp-proxy"]

    /// The one product that an example imports.
    static func product(of example: String) -> String { loopExamples.contains(example) ? "PeerLoop" : "PeerKit" }

    /// Programs of the package of examples, each by its folder.
    static func examples() throws -> [String: [SourceFile]] {
        let files = try everything().filter { $0.isSwift && $0.path.hasPrefix("Examples/Sources/") }
        return Dictionary(grouping: files) { String($0.path.split(separator: "/")[2]) }
    }
}
