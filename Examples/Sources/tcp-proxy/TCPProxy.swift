import ExampleSupport
import PeerLoop

// Connects everybody who connects to it to a target, and carries bytes both ways. Until Ctrl-C.
@main struct TCPProxy {
    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: "tcp-proxy ADDRESS:PORT TARGET:PORT")
            try arguments.require(2...2)
            let target = try SocketAddress(arguments.values[1])
            let group = try LoopGroup.start()
            let listener = try await group.listen(on: SocketAddress(arguments.values[0])) { _ in Proxy(target) }
            Example.say("listening on \(listener.address)")
            await Example.waitForInterruption()
            await group.shutdown(within: .seconds(5))
        }
    }
}

final class Proxy: AcceptHandler {
    let target: SocketAddress
    init(_ target: SocketAddress) { self.target = target }
    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? { Side(near: target) }
}

/// One of two connections, both on the same loop: the near one was accepted, the far one goes to the target.
final class Side: ConnectionHandler {
    var target: SocketAddress?
    var other: Connection?
    init(near target: SocketAddress) { self.target = target }
    init(far other: Connection) { self.other = other }

    func opened(_ connection: Connection) {
        connection.allowsHalfClose = true
        guard let target else {
            // The far side is there: now the near one is heard.
            other?.resumeReading()
            return
        }
        connection.pauseReading()
        let far = Side(far: connection)
        other = try? connection.eventLoop.connect(to: target, within: .seconds(10), handler: far)
        if other == nil { connection.reset() }
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        other?.write(bytes)
        // As fast as the other side takes it, and no faster.
        if other?.isWritable == false { connection.pauseReading() }
    }
    func writabilityChanged(on connection: Connection) { if connection.isWritable { other?.resumeReading() } }
    func inputEnded(on connection: Connection) { other?.shutDownWriting() }

    func closed(_ connection: Connection, cause: CloseCause) {
        // An end in order is passed on in order, anything else as a reset.
        if cause == .endOfStream { other?.finish(within: .seconds(60)) } else { other?.reset() }
        other = nil
    }
}
