/// Text that came from a peer, made fit for a terminal and for one line.
enum RemoteText {
    /// Letters, digits, marks, punctuation, symbols and the plain space stay; control and format characters, which
    /// could move the cursor or turn the direction of writing, and further spaces become `?`.
    static func clean(_ text: String, limit: Int = 200) -> String {
        var cleaned = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit {
                cleaned.append(contentsOf: "...".unicodeScalars)
                break
            }
            cleaned.append(isPlain(scalar) ? scalar : "?")
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
