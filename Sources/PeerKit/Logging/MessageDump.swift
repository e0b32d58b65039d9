internal import PeerWire

/// A message in full: a line for each field, with what it is made of indented below it.
///
/// Bounded in lines and in depth, and lists are not looked at beyond that, so that a block of a million transactions
/// costs no more than its first few hundred fields.
struct MessageDump {
    private static let maxDepth = 8
    private var text = ""
    private var linesLeft: Int

    /// At most `lineLimit` lines, and one that says that there would be more.
    static func text(of message: Message, lineLimit: Int) -> String {
        var dump = MessageDump(linesLeft: lineLimit)
        dump.addFields(of: message, depth: 0)
        if dump.linesLeft < 0 { dump.text += "... more fields left out\n" }
        return dump.text
    }

    private init(linesLeft: Int) {
        self.linesLeft = linesLeft
    }

    private mutating func add(_ name: String, _ value: Any, depth: Int) {
        if linesLeft < 0 { return }
        switch value {
        case let bytes as [UInt8]: addLine(name, WireBytes(bytes).description, depth)
        case let text as String: addLine(name, text, depth)
        case let bytes as WireBytes: addLine(name, bytes.description, depth)
        case let block as Block:
            addLine(name, block.description, depth)
            add("header", block.header, depth: depth + 1)
            add("transactions", block.transactions, depth: depth + 1)
        case let transaction as Transaction:
            addLine(name, transaction.description, depth)
            add("version", transaction.version, depth: depth + 1)
            add("inputs", transaction.inputs, depth: depth + 1)
            add("outputs", transaction.outputs, depth: depth + 1)
            add("lockTime", transaction.lockTime, depth: depth + 1)
        case is BlockHeader, is CompactBlockMessage:
            addLine(name, "\(value)", depth)
            addFields(of: value, depth: depth + 1)
        case let list as any Collection: addList(name, list, depth: depth)
        case let value as any CustomStringConvertible: addLine(name, value.description, depth)
        default: addPlain(name, value, depth: depth)
        }
    }

    private mutating func addList(_ name: String, _ list: some Collection, depth: Int) {
        addLine(name, "\(list.count)", depth)
        for (index, element) in list.enumerated() {
            if linesLeft < 0 { return }
            add("[\(index)]", element, depth: depth + 1)
        }
    }

    private mutating func addPlain(_ name: String, _ value: Any, depth: Int) {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .optional, let some = mirror.children.first {
            add(name, some.value, depth: depth)
        } else if mirror.children.isEmpty || depth >= Self.maxDepth {
            addLine(name, mirror.children.isEmpty ? "\(value)" : "...", depth)
        } else {
            addLine(name, "", depth)
            addFields(of: value, depth: depth + 1)
        }
    }

    private mutating func addFields(of value: Any, depth: Int) {
        for (index, child) in Mirror(reflecting: value).children.enumerated() {
            // What only odd senders fill is left out where it is empty.
            if child.label == "trailingBytes", let bytes = child.value as? [UInt8], bytes.isEmpty { continue }
            add(child.label ?? "[\(index)]", child.value, depth: depth)
        }
    }

    private mutating func addLine(_ name: String, _ value: String, _ depth: Int) {
        linesLeft -= 1
        if linesLeft < 0 { return }
        text += String(repeating: "  ", count: depth + 1) + name + ":"
        if !value.isEmpty { text += " " + RemoteText.clean(value, limit: 1_000) }
        text += "\n"
    }
}
