// An echo server on PeerLoop: what the C echo server does, for comparison. `--port 0` picks a port.
import Glibc
import PeerLoop

final class Echo: ConnectionHandler {
    func received(_ bytes: RawSpan, on connection: Connection) {
        connection.write(bytes)
    }

    func closed(_ connection: Connection, cause: CloseCause) {}
}

final class Acceptor: AcceptHandler {
    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? {
        Echo()
    }
}

let arguments = CommandLine.arguments
let port = arguments.firstIndex(of: "--port").flatMap { UInt16(arguments[$0 + 1]) } ?? 0

// Blocked before any thread exists, so that every thread inherits it and only `sigwait` takes them.
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, SIGTERM)
sigaddset(&signals, SIGINT)
pthread_sigmask(SIG_BLOCK, &signals, nil)

try ProcessLimits.raiseDescriptorLimit()
let handle = try EventLoopHandle.start()
let address = try await handle.submit { loop in
    try loop.listen(on: SocketAddress(ipv4: 127, 0, 0, 1, port: port), handler: Acceptor()).address
}
print("listening on \(address)")
fflush(nil)

var signal: Int32 = 0
sigwait(&signals, &signal)
await handle.shutdown(within: .milliseconds(100))
