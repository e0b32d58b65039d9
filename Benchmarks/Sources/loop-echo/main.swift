// An echo server on PeerLoop: what the C echo server does, for comparison.
import BenchServer
import PeerLoop

final class Echo: BoundedHandler {
    func received(_ bytes: RawSpan, on connection: Connection) {
        connection.write(bytes)
    }
}

/// Echoes too, but drops everything of a connection whose first byte is 0.
final class EchoOrDiscard: BoundedHandler {
    private var discards: Bool?

    func received(_ bytes: RawSpan, on connection: Connection) {
        if discards == nil { discards = bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == 0 }
        if discards == true { return }
        connection.write(bytes)
    }
}

if CommandLine.arguments.contains("--discard") {
    try BenchServer.run { EchoOrDiscard() }
} else {
    try BenchServer.run { Echo() }
}
