/// Text that came from a peer, made fit for a terminal and for one line.
public enum RemoteText {
    /// The most characters (Unicode scalars) that are kept of a text where no other limit is given.
    public static let defaultLimit = 200

    /// Letters, digits, marks, punctuation, symbols and the plain space stay; control and format characters, which
    /// could move the cursor or turn the direction of writing, and further spaces become `?`.
    ///
    /// - Parameters:
    ///   - text: any text.
    ///   - limit: how many characters are kept; `...` stands for the rest.
    public static func clean(_ text: String, limit: Int = defaultLimit) -> String {
        clean(text, limit: limit, keepsLines: false)
    }

    /// As ``clean(_:limit:)``; `keepsLines` leaves line feeds alone, for text that has several lines by design.
    static func clean(_ text: String, limit: Int, keepsLines: Bool) -> String {
        var cleaned = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit {
                cleaned.append(contentsOf: "...".unicodeScalars)
                break
            }
            cleaned.append(isPlain(scalar) || (keepsLines && scalar == "\n") ? scalar : "?")
            count += 1
        }
        return String(cleaned)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
