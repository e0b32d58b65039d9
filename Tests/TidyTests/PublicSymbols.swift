import Foundation

/// What files declare for a user, as documentation names it: `Peer`, `Peer.address`, `Peer.queue(_:)`,
/// `UserAgent.init(bytes:)`.
///
/// Read off the text, by the layout that the formatter gives it: what belongs to a type stands four columns deeper, and
/// its end stands where it begins.
struct PublicSymbols {
    private(set) var names: Set<String> = []
    /// The types around the line, outermost first, with the column of each.
    private var types: [(name: String, column: Int, isPublicEnum: Bool)] = []

    init(_ files: [SourceFile]) {
        for file in files where file.isSwift { add(file) }
    }

    private mutating func add(_ file: SourceFile) {
        types = []
        for (index, line) in file.lines.enumerated() {
            let code = SourceFile.code(line)
            let column = code.prefix { $0 == " " }.count
            let text = code.dropFirst(column)
            if text.isEmpty { continue }
            while let last = types.last, column < last.column || column == last.column && text.hasPrefix("}") {
                types.removeLast()
            }
            // Deeper is the body of something else.
            guard column == types.last.map({ $0.column + 4 }) ?? 0 else { continue }
            add(text, column, file.lines[index...])
        }
    }

    private mutating func add(_ text: Substring, _ column: Int, _ rest: ArraySlice<Substring>) {
        let outer = types.last.map { $0.name + "." } ?? ""
        let isPublic = text.contains(/\bpublic\b/)
        if let match = text.firstMatch(of: /\b(struct|class|enum|protocol|actor|extension) ([\w.]+)/) {
            let name = match.1 == "extension" ? String(match.2) : outer + match.2
            if isPublic, match.1 != "extension" { names.insert(name) }
            if text.contains("{"), !text.hasSuffix("{}") {
                types.append((name, column, isPublic && match.1 == "enum"))
            }
        } else if types.last?.isPublicEnum == true, text.hasPrefix("case ") {
            for part in text.dropFirst(5).split(separator: ",") {
                if let name = part.firstMatch(of: /^ *(\w+)/) { names.insert(outer + name.1) }
            }
        } else if isPublic, let match = text.firstMatch(of: /\b(?:var|let|typealias) (\w+)/) {
            names.insert(outer + match.1)
        } else if isPublic, let match = text.firstMatch(of: /\b(?:func (\w+)|(init))\??(?:<[^(]*>)?\(/) {
            let whole = [text] + rest.dropFirst()
            let labels = Self.labels(String(text[match.range.upperBound...]), whole.dropFirst())
            names.insert(outer + (match.1 ?? "init") + "(" + labels.map { $0 + ":" }.joined() + ")")
        }
    }

    /// The labels of parameters that begin with `text`, the rest of a line, and may go on for some lines.
    private static func labels(_ text: String, _ rest: ArraySlice<Substring>) -> [String] {
        var labels: [String] = []
        var depth = 0
        var parameter = ""
        for character in text + rest.prefix(12).joined() {
            switch character {
            case "(", "[", "<", "{": depth += 1
            case ")" where depth == 0:
                if let label = label(parameter) { labels.append(label) }
                return labels
            // The arrow of a function's type closes nothing.
            case ">" where parameter.hasSuffix("-"): break
            case ")", "]", ">", "}": depth -= 1
            case "," where depth == 0:
                if let label = label(parameter) { labels.append(label) }
                parameter = ""
                continue
            default: break
            }
            parameter.append(character)
        }
        return labels
    }

    private static func label(_ parameter: String) -> String? {
        parameter.split(separator: " ").first.map { String($0.prefix { $0 != ":" }) }
    }
}
