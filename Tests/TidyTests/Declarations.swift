/// What the files of a module declare, by name: as much of the language as text tells.
struct Declarations {
    /// A name as a link writes it: `queue(_:)-(Message)` has a base, labels, and a suffix that is left out.
    struct Name: Hashable {
        let base: String
        let labels: [String]?

        init(base: String, labels: [String]? = nil) {
            self.base = base
            self.labels = labels
        }

        init?(link: Substring) {
            guard let match = link.wholeMatch(of: /(\w+)(?:\(((?:\w+:)*)\))?(?:-.*)?/) else { return nil }
            self.init(base: String(match.1), labels: match.2.map { $0.split(separator: ":").map(String.init) })
        }
    }

    /// The files that declare a name.
    private var places: [Name: Set<String>] = [:]
    /// The files that declare a type or extend it.
    private var owners: [String: Set<String>] = [:]

    init(_ files: [SourceFile]) {
        for file in files {
            for line in file.lines { add(SourceFile.code(line), of: file) }
        }
    }

    /// The files that declare what a path of names leads to. A member stands in a file that declares or extends what it
    /// belongs to.
    func places(of path: [Name]) -> Set<String> {
        guard let last = path.last, let found = places[last] else { return [] }
        guard let owner = path.dropLast().last else { return found }
        return found.intersection(owners[owner.base] ?? [])
    }

    private static let types: Set<Substring> = ["struct", "enum", "class", "protocol", "actor", "extension"]
    private static let values: Set<Substring> = ["var", "let", "typealias"]

    private mutating func add(_ line: Substring, of file: SourceFile) {
        let words = line.split(separator: " ")
        for (index, word) in words.enumerated() {
            let next = index + 1 < words.count ? words[index + 1] : ""
            if Self.types.contains(word) {
                let name = next.split(separator: ".").last.map(Self.identifier) ?? ""
                owners[name, default: []].insert(file.path)
                if word != "extension" { places[Name(base: name), default: []].insert(file.path) }
            } else if Self.values.contains(word) {
                places[Name(base: Self.identifier(next)), default: []].insert(file.path)
            } else if word == "func" {
                addCall(next, of: file)
            } else if word.hasPrefix("init") || word.hasPrefix("subscript") {
                addCall(word, of: file)
            } else if word == "case" {
                for name in words[(index + 1)...] {
                    places[Name(base: Self.identifier(name)), default: []].insert(file.path)
                    addCall(name, of: file)
                    if !name.hasSuffix(",") { break }
                }
            } else {
                continue
            }
            return
        }
    }

    /// A name with parameters, if parentheses follow it.
    private mutating func addCall(_ word: Substring, of file: SourceFile) {
        let rest = file.text[word.startIndex...]
        let base = Self.identifier(word)
        let behind = rest.dropFirst(base.count).drop { $0 == "?" }
        let parameters = behind.first == "<" ? behind.drop { $0 != "(" } : behind
        guard parameters.first == "(" else { return }
        let name = Name(base: base, labels: Self.labels(parameters.dropFirst()))
        places[name, default: []].insert(file.path)
    }

    private static func identifier(_ text: Substring) -> String {
        String(text.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }

    /// The labels of a parameter list, up to the parenthesis that ends it; `_` for a parameter without one.
    private static func labels(_ text: Substring) -> [String] {
        var labels: [String] = []
        var parameter = ""
        var depth = 0
        for character in text {
            let isEnd = depth == 0 && character == ")"
            if isEnd || depth == 0 && character == "," {
                if let word = parameter.split(whereSeparator: { " \n".contains($0) }).first {
                    labels.append(parameter.contains(":") ? String(word.prefix { $0 != ":" }) : "_")
                }
                parameter = ""
                if isEnd { break }
                continue
            }
            if "([{".contains(character) { depth += 1 }
            if ")]}".contains(character) { depth -= 1 }
            if depth == 0 { parameter.append(character) }
        }
        return labels
    }
}
