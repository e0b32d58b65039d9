/// A command line that cannot be.
public struct UsageError: Error, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    /// An error that is told to whoever typed the command.
    public init(_ description: String) {
        self.description = description
    }
}

/// Somebody asks how a command is used.
public struct HelpRequest: Error {
    let usage: String
}

/// The words of a command line: values by their place, options (`--name value`) and flags (`--name`).
public struct Arguments: Sendable {
    private let usage: String
    private var options: [String: String] = [:]
    private var flags: Set<String> = []
    /// The values that belong to no option, in order.
    public private(set) var values: [String] = []

    /// Reads the command line of this process.
    ///
    /// - Parameters:
    ///   - usage: the line to show when the words make no sense. The options and flags it names are all there are:
    ///     `[--name VALUE]` is an option, `[--name]` a flag.
    ///   - words: the command line without the program's name.
    /// - Throws: ``UsageError``.
    public init(usage: String, words: [String] = Array(CommandLine.arguments.dropFirst())) throws {
        self.usage = usage
        var left = words[...]
        while let word = left.popFirst() {
            if word == "--help" || word == "-h" { throw HelpRequest(usage: usage) }
            guard word.hasPrefix("--") else {
                values.append(word)
                continue
            }
            if usage.contains("[\(word)]") {
                flags.insert(word)
            } else if usage.contains("[\(word) ") {
                guard let value = left.popFirst() else { throw problem("\(word) needs a value") }
                options[word] = value
            } else {
                throw problem("there is no \(word)")
            }
        }
    }

    /// An error with the usage behind it.
    public func problem(_ text: String) -> UsageError {
        UsageError("error: \(text)\nusage: \(usage)")
    }

    /// Throws unless there are so many values.
    public func require(_ count: ClosedRange<Int>) throws {
        if values.count < count.lowerBound { throw problem("something is missing") }
        if values.count > count.upperBound { throw problem("\(values[count.upperBound]) is one argument too many") }
    }

    /// Whether a flag was given.
    public func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// The value of an option, made by `convert`; `nil` when the option was not given. Throws ``UsageError`` for a
    /// value of which `convert` makes `nil`.
    public func option<Value>(_ name: String, _ convert: (String) -> Value?) throws -> Value? {
        guard let text = options[name] else { return nil }
        guard let value = convert(text) else { throw problem("\(name) cannot be \(text)") }
        return value
    }
}
