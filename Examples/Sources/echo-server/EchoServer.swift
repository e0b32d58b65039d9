import ExampleSupport
import PeerLoop

// Sends back whatever it is sent, on as many loops as there are processors. Until Ctrl-C.
@main struct EchoServer {
    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: "echo-server ADDRESS:PORT")
            try arguments.require(1...1)
            let group = try LoopGroup.start()
            let listener = try await group.listen(on: SocketAddress(arguments.values[0])) { _ in Acceptor() }
            Example.say("listening on \(listener.address)")
            await Example.waitForInterruption()
            await group.shutdown(within: .seconds(5))
        }
    }
}

/// Gives each connection that a loop accepts a handler of its own.
final class Acceptor: AcceptHandler {
    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? { Echo() }
}

/// What becomes of one connection. It is called on the loop's thread, one call at a time: no locks, no `await`.
final class Echo: ConnectionHandler {
    func opened(_ connection: Connection) {
        // Whoever has said all it has to say still gets the rest of its echo.
        connection.allowsHalfClose = true
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        // Queued at once, and written when this call is over. It never waits.
        connection.write(bytes)
        // Whoever sends and does not read is read no further, so that its echo does not pile up.
        if !connection.isWritable { connection.pauseReading() }
    }

    func writabilityChanged(on connection: Connection) {
        if connection.isWritable { connection.resumeReading() }
    }

    func closed(_ connection: Connection, cause: CloseCause) {}
}
