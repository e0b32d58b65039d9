/// What handles a connection from the connect to its proxy on until the target is reached, when the user's handler
/// takes its place.
final class SOCKS5Client: ConnectionHandler {
    private var negotiation: SOCKS5Negotiation
    private let handler: any ConnectionHandler
    /// Nanoseconds of the loop's clock by which the target is to be reached.
    private let deadline: Int64

    init(
        _ target: SOCKS5.Target, _ credentials: SOCKS5.Credentials?, deadline: Int64, handler: any ConnectionHandler
    ) {
        negotiation = SOCKS5Negotiation(target: target, credentials: credentials)
        self.deadline = deadline
        self.handler = handler
    }

    /// The proxy is reached.
    func opened(_ connection: Connection) {
        connection.phase = .negotiating
        connection.loop.limitConnecting(connection, until: deadline)
        connection.say(negotiation.greeting)
        // Paused by the user already, who means the stream that is to come.
        if connection.isReadingPaused { connection.loop.updateInterest(connection) }
    }

    func received(_ bytes: RawSpan, on connection: Connection) {}

    /// Reads what the negotiation lacks and no more: what is behind the last reply stays with the kernel, and reaches
    /// the user's handler as everything later does.
    func read(_ connection: Connection) {
        var outcome = TransferOutcome.wouldBlock
        let bytes = [UInt8](capacity: negotiation.wantedByteCount) { span in
            outcome = ReadBuffer.fill(&span, from: connection.descriptor)
        }
        switch outcome {
        case .moved(0): connection.loop.close(connection, cause: .endOfStream)
        case .moved: take(bytes, on: connection)
        case .wouldBlock: break
        case .failed(let error): connection.loop.close(connection, cause: .failed(error))
        }
    }

    private func take(_ bytes: [UInt8], on connection: Connection) {
        var offset = 0
        switch negotiation.receive(bytes, at: &offset) {
        case .wait: break
        case .send(let message): connection.say(message)
        case .finish: handOver(connection)
        case .fail(let failure): connection.loop.close(connection, cause: .proxyFailed(failure))
        }
    }

    private func handOver(_ connection: Connection) {
        connection.loop.becameOpen(connection)
        connection.phase = .open
        // The user's own bytes are counted from here on.
        connection.receivedByteCount = 0
        connection.sentByteCount = 0
        connection.handler = handler
        connection.loop.updateInterest(connection)
        handler.opened(connection)
    }

    func closed(_ connection: Connection, cause: CloseCause) {
        handler.closed(connection, cause: Self.cause(cause))
    }

    private static func cause(_ cause: CloseCause) -> CloseCause {
        switch cause {
        case .endOfStream: .proxyFailed(.closedEarly)
        case .failed(let error): .proxyFailed(.connectionLost(error))
        case .connectFailed(let error): .proxyFailed(.proxyUnreachable(error))
        case .connectTimedOut, .proxyFailed, .writeCapExceeded, .sendTooSlow, .closedLocally, .loopStopped: cause
        }
    }
}

extension Connection {
    /// Queues what is said before the connection is open, when the user's writes, and their limits, count for nothing.
    fileprivate func say(_ message: [UInt8]) {
        outputForWriting().append(message)
        loop.outputByteCount += message.count
    }
}
