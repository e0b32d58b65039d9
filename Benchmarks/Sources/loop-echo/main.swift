// An echo server on PeerLoop: what the C echo server does, for comparison.
import BenchServer
import PeerLoop

final class Echo: ConnectionHandler {
    func received(_ bytes: RawSpan, on connection: Connection) {
        connection.write(bytes)
    }

    func closed(_ connection: Connection, cause: CloseCause) {}
}

try BenchServer.run { Echo() }
