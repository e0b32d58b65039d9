import PeerKit

/// What a node says of itself, with the time here when it said so.
struct NodeIntroduction {
    let version: VersionMessage
    /// The node's clock less this machine's, in seconds; the ends of the range when it is out of it.
    let timeOffset: Int64

    init(_ version: VersionMessage, localTime: Int64) {
        self.version = version
        let (difference, overflow) = version.timestamp.subtractingReportingOverflow(localTime)
        timeOffset = overflow ? (version.timestamp < 0 ? .min : .max) : difference
    }
}

/// What `peerctl connect` prints, as text or as JSON lines.
struct ConnectReport {
    let isJSON: Bool

    init(isJSON: Bool) throws(CommandFailure) {
        self.isJSON = isJSON
        // Refuses a stdout that is not there, and keeps a reader that leaves from ending the process.
        _ = try LineOutput()
    }

    func introduction(of peer: Peer, _ node: NodeIntroduction) -> [UInt8] {
        let spoken = peer.protocolVersion ?? node.version.protocolVersion
        if isJSON {
            return json { writer in
                writer.field("event", "connected")
                writer.field("address", peer.address.description)
                writer.field("protocol_version", spoken.rawValue)
                writer.field("time_offset", node.timeOffset)
                writer.object("version") { $0.fields(node.version) }
            }
        } else {
            return text(Self.text(peer, node, spoken))
        }
    }

    private static func text(_ peer: Peer, _ node: NodeIntroduction, _ spoken: ProtocolVersion) -> [String] {
        let version = node.version
        let sign = node.timeOffset > 0 ? "+" : ""
        return [
            "connected to \(peer.address)",
            "  protocol version  \(version.protocolVersion) (\(spoken) spoken)",
            "  services          \(version.services) (0x\(String(version.services.rawValue, radix: 16)))",
            "  user agent        \(version.userAgent)",
            "  height            \(version.startHeight)",
            "  time offset       \(sign)\(node.timeOffset) s",
            "  relay             \(version.relay ? "yes" : "no")",
            "  its address       \(version.sender)",
            "  sees this node at \(version.receiver)",
        ]
    }

    func line(of message: Message, at instant: Duration, from peer: Peer) -> [UInt8] {
        let length = message.payloadByteCount(for: peer)
        if isJSON {
            return json { writer in
                writer.field("event", "message")
                writer.field("time", seconds: instant)
                writer.field("command", message.command.description)
                if let length { writer.field("length", length) } else { writer.null("length") }
                MessageJSON.write(message, into: &writer)
            }
        } else {
            let time = Self.padded(instant.secondsText, 9)
            let command = message.command.description
            let size = Self.padded(length.map(String.init) ?? "?", 8)
            let summary = message.summary
            let gap = String(repeating: " ", count: max(0, Command.byteCount - command.count))
            return text(["\(time)  \(command)\(gap) \(size) B\(summary.isEmpty ? "" : "  \(summary)")"])
        }
    }

    /// As text the end needs no line: a peer that left is told of on stderr.
    func ending(_ end: ConnectEnd, messages: Int, at instant: Duration) -> [UInt8] {
        guard isJSON else { return [] }
        return json { writer in
            writer.field("event", "ended")
            writer.field("time", seconds: instant)
            writer.field("messages", messages)
            switch end {
            case .count: writer.field("reason", "count")
            case .duration: writer.field("reason", "duration")
            case .interrupted: writer.field("reason", "interrupted")
            case .outputFailed: writer.field("reason", "output")
            case .peerLeft(let reason):
                writer.field("reason", "peer")
                writer.field("text", reason.description)
            }
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func text(_ lines: [String]) -> [UInt8] {
        Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private func json(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(body)
        writer.newLine()
        return writer.bytes
    }
}
