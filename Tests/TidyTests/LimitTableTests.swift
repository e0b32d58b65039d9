import Foundation
import Testing

/// The defaults that the documentation tells are those of the code.
@Suite struct LimitTableTests {
    private static let article = "Sources/PeerKit/PeerKit.docc/LimitsAndDefences.md"

    /// Numbers that limit nothing.
    private static let noLimits: Set = ["chainHeight"]

    /// A default, as a number of seconds, bytes or things.
    private typealias Defaults = [String: Double]

    /// The stored properties of a structure that have a number or a duration as their default. `nil`: no structure of
    /// that name.
    private static func defaults(of type: String) throws -> [(name: String, value: String)]? {
        let files = try SourceTree.libraries.flatMap { try SourceTree.library($0) }
        for file in files {
            guard let start = file.text.firstRange(of: "public struct \(type):") else { continue }
            let end = file.text[start.upperBound...].firstRange(of: "\n}")?.lowerBound ?? file.text.endIndex
            let body = file.text[start.upperBound..<end]
            let stored = body.matches(of: /public var (\w+)(?:: [\w?.]+)? = (.+)/).map {
                (String($0.1), String($0.2))
            }
            let optional = body.matches(of: /public var (\w+): Duration\?\n/).map { (String($0.1), "off") }
            let given = body.matches(of: /public init\((\w+): Int = ([\d_]+)\)/).map { (String($0.1), String($0.2)) }
            return stored + optional + given
        }
        return nil
    }

    /// `PeerConfiguration`'s, and those of the structures in it, by path.
    private static func code() throws -> Defaults {
        var code: Defaults = [:]
        for (name, text) in try #require(try defaults(of: "PeerConfiguration")) + [("wireLimits", "WireLimits()")] {
            if let value = number(text) { code[name] = value }
            guard let type = text.wholeMatch(of: /(\w+)\(\)/), let inner = try defaults(of: String(type.1)) else {
                continue
            }
            for (field, text) in inner {
                if let value = number(text) { code["\(name).\(field)"] = value }
            }
        }
        return code
    }

    /// The value of an expression such as `.seconds(5 * 60)`, `64 << 10` or `10_000`.
    private static func number(_ text: String) -> Double? {
        if text == "off" { return -1 }
        if let match = text.wholeMatch(of: /\.(seconds|milliseconds)\((.+)\)/) {
            return number(String(match.2)).map { match.1 == "seconds" ? $0 : $0 / 1_000 }
        }
        if let match = text.wholeMatch(of: /(\d+) (<<|\*) (\d+)/), let left = Double(match.1), let right = Int(match.3)
        {
            return match.2 == "*" ? left * Double(right) : left * Double(1 << right)
        }
        return Double(text.replacing("_", with: ""))
    }

    /// The value of a cell such as `5 min`, `64 KiB` or `10,000`.
    private static func told(_ cell: String) -> Double? {
        if cell == "off" { return -1 }
        let units: [String: Double] = [
            "": 1, "ms": 0.001, "s": 1, "min": 60, "KiB": 1_024, "MiB": 1_048_576,
        ]
        guard let match = cell.wholeMatch(of: /([\d,.]+) ?(\w*)/), let unit = units[String(match.2)] else { return nil }
        return Double(match.1.replacing(",", with: "")).map { $0 * unit }
    }

    private static func table() throws -> [(name: String, cell: String)] {
        let file = try #require(try SourceTree.files(article, endings: [".md"]).first)
        return file.text.matches(of: /(?m)^\| `([\w.]+)` \| ([^|]+) \|/).map { (String($0.1), String($0.2)) }
    }

    @Test func theArticleTellsTheDefaultsOfTheCode() throws {
        let code = try Self.code()
        for (name, cell) in try Self.table() {
            let value = try #require(code[name], "there is no \(name)")
            let told = try #require(Self.told(cell), "\(cell) is no value")
            #expect(abs(value - told) <= value.magnitude * 1e-9, "\(name) is \(value), not \(cell)")
        }
    }

    @Test func noLimitIsLeftOut() throws {
        let told = Set(try Self.table().map(\.name))
        let code = try Self.code()
        #expect(code.count > 50)
        #expect(Set(code.keys).subtracting(told).subtracting(Self.noLimits).sorted() == [])
    }
}
