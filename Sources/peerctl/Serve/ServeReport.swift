import Glibc
import PeerKit

/// What `peerctl serve` prints, as text or as JSON lines.
struct ServeReport {
    let isJSON: Bool

    func listening(on address: SocketAddress, with chain: ServedChain) {
        if isJSON {
            Output.line(
                JSON.object([
                    ("event", .string("listening")), ("address", .string(address.hostDescription)),
                    ("port", .int(Int(address.port))), ("pid", .int(Int(getpid()))),
                    ("height", .int(chain.height)), ("block_bytes", .int(chain.byteCount)),
                ]).text)
        } else {
            Output.line("listening on \(address)")
        }
    }

    /// - Parameter blocksTaken: `nil` when blocks were not taken.
    func ended(_ statistics: NodeStatistics, blocksTaken: UInt64?) {
        if isJSON {
            Output.line(
                JSON.object([
                    ("event", .string("ended")), ("handshakes", .unsigned(statistics.handshakes)),
                    ("refused", .unsigned(statistics.refusedPeers)),
                    ("messages_received", .unsigned(statistics.receivedMessageCount)),
                    ("bytes_received", .unsigned(statistics.receivedByteCount)),
                    ("bytes_sent", .unsigned(statistics.sentByteCount)),
                    ("blocks_taken", blocksTaken.map { .unsigned($0) } ?? .null),
                ]).text)
        } else {
            Output.line(
                "served \(statistics.handshakes) handshakes, refused \(statistics.refusedPeers) connections; "
                    + "\(statistics.receivedMessageCount) messages in, \(statistics.receivedByteCount) bytes in, "
                    + "\(statistics.sentByteCount) bytes out" + (blocksTaken.map { ", \($0) blocks taken" } ?? ""))
        }
    }
}
