import ArgumentParser
import Glibc
import PeerKit

/// `peerctl decode`: captured traffic as JSON lines.
struct Decode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the messages of captured traffic, one JSON object a line.",
        discussion: """
            Each line is {"offset","command","length","checksum_ok","message"}, or "error" in place of "message": \
            {"class","field"?,"offset"?,"text"}, the class one of truncated, noncanonical, limit, \
            too-long, version-gate, checksum, magic, command, malformed. What the stream does not tell is null.

            Some nodes do not know addrv2, extversion and dsproof-beta and pass over them, so a frame of these that \
            is too short to be one is not bad: its message is "payload_hex", and "undecodable" says in the same form \
            what is missing.

            Reading goes on after a bad frame, but not after a wrong magic or a length over the limit: where the next \
            frame begins is unknown then. Exit code 1 when any frame was bad.
            """)

    @Argument(help: ArgumentHelp("Frames back to back; - or nothing for stdin.", valueName: "file"))
    var file = "-"

    @OptionGroup var network: NetworkOption

    @Option(
        help: ArgumentHelp(
            "What both sides spoke: decides which messages and fields exist.", valueName: "number"))
    var protocolVersion = ProtocolVersion.current.rawValue

    @Flag(help: "Adds \"frame_hex\", the message encoded again.")
    var reencode = false

    func run() async throws {
        // Reading may wait for ever, and nothing is left to be done: what was printed are whole lines.
        try Interruption.onFirst {
            Output.error("interrupted")
            _exit(CommandFailure.interrupted.exitCode)
        }
        let settings = FrameLines.Settings(
            network: network.network, protocolVersion: ProtocolVersion(rawValue: protocolVersion), reencodes: reencode)
        var lines = FrameLines(settings, output: try LineOutput())
        var input = try InputFile(file)
        do {
            while lines.end == nil, try input.withNextPiece({ try lines.take($0) }) {}
            try lines.finish()
        } catch let failure as LineOutput.Failure {
            if let commandFailure = failure.commandFailure { throw commandFailure }
        }
        try judge(lines)
    }

    /// One line that says why not all is good.
    private func judge(_ lines: borrowing FrameLines) throws(CommandFailure) {
        if lines.badFrameCount == 0 { return }
        let count = "\(lines.badFrameCount) of \(lines.frameCount) frames bad"
        throw .failed(lines.end.map { "\($0) (\(count))" } ?? count)
    }
}
