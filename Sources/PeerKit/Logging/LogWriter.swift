internal import Logging
internal import PeerSession
internal import PeerWire

/// Turns records into lines of the application's logger. Runs on a worker.
struct LogWriter: Sendable {
    let logger: Logger
    let dumpedByteLimit: Int
    let format: LogFormat

    /// Lines of fields that the dump of a message has at most.
    private static let dumpedLineLimit = 1_000

    func write(_ record: LogRecord) {
        let peer = record.peer
        switch record.event {
        case .connected(let version, let spoken):
            let facts = version.map { ": \(Message.version($0).summary), services \($0.services)" } ?? ""
            log(.info, "connected to \(peer)\(facts), speaking \(spoken)", peer)
        case .ended(let reason, let wasEstablished):
            log(
                reason.endedBy == .node && reason != .shutDown ? .notice : .info,
                (wasEstablished ? "disconnected from " : "no handshake with ") + "\(peer): \(reason)", peer)
        case .received(let frame, let version):
            guard case .collected(let payload) = frame.payload else { return }
            write("received", "from", frame.command, payload, version, peer) { format.bytes(of: frame) }
        case .refused(let error, let byteCount, let frame):
            log(.debug, "refused \(byteCount) bytes from \(peer): \(error)", peer)
            if let frame { logDump("refused \(frame.command) from \(peer)", nil, format.bytes(of: frame), peer) }
        case .sent(let bytes, let version):
            let payload = Array(bytes[Frame.headerByteCount...])
            write("sent", "to", Frame.command(of: bytes.span.bytes), payload, version, peer) { bytes }
        case .notSent(let command, let error):
            log(.debug, "\(command) to \(peer) \(error)", peer)
        }
    }

    func writeLost(_ count: Int) {
        logger.warning("\(count) log lines lost: the log handler is slower than the node")
    }

    private func write(
        _ verb: String, _ preposition: String, _ command: Command, _ payload: [UInt8], _ version: ProtocolVersion,
        _ peer: Peer, frame: () -> [UInt8]
    ) {
        let message = format.message(command, payload, version)
        let summary = message?.summary ?? ""
        let what = "\(verb) \(command) \(preposition) \(peer)"
        log(.debug, "\(what), \(payload.count) bytes" + (summary.isEmpty ? "" : ": \(summary)"), peer)
        if logger.logLevel <= .trace { logDump(what, message, frame(), peer) }
    }

    private func logDump(_ what: String, _ message: Message?, _ frame: [UInt8], _ peer: Peer) {
        guard logger.logLevel <= .trace else { return }
        var text = what + ":\n"
        if let message {
            let dumped = MessageDump.text(of: message, lineLimit: Self.dumpedLineLimit)
            text += RemoteText.clean(dumped, limit: dumpedByteLimit, keepsLines: true)
            if text.last != "\n" { text += "\n" }
        }
        log(.trace, text + Hexdump.text(of: frame[...], limit: dumpedByteLimit), peer)
    }

    private func log(_ level: Logger.Level, _ text: @autoclosure () -> String, _ peer: Peer) {
        logger.log(level: level, "\(text())", metadata: ["peer": "\(peer.id)"])
    }
}
