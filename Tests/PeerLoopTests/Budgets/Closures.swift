import PeerLoop

/// A handler made of closures that keeps nothing itself.
final class Closures: ConnectionHandler {
    var onOpen: (Connection) -> Void
    private let onReceive: (Int, Connection) -> Void
    private let onWrite: (Int, Connection) -> Void
    private let onWritability: (Connection) -> Void
    private let onInputEnd: ((Connection) -> Void)?
    private let onClose: (Connection) -> Void

    init(
        opened: @escaping (Connection) -> Void = { _ in }, received: @escaping (Int, Connection) -> Void = { _, _ in },
        wrote: @escaping (Int, Connection) -> Void = { _, _ in },
        writabilityChanged: @escaping (Connection) -> Void = { _ in }, inputEnded: ((Connection) -> Void)? = nil,
        closed: @escaping (Connection) -> Void = { _ in }
    ) {
        onOpen = opened
        onReceive = received
        onWrite = wrote
        onWritability = writabilityChanged
        onInputEnd = inputEnded
        onClose = closed
    }

    func opened(_ connection: Connection) { onOpen(connection) }
    func received(_ bytes: RawSpan, on connection: Connection) { onReceive(bytes.byteCount, connection) }
    func wrote(_ byteCount: Int, on connection: Connection) { onWrite(byteCount, connection) }
    func writabilityChanged(on connection: Connection) { onWritability(connection) }
    func inputEnded(on connection: Connection) {
        if let onInputEnd { onInputEnd(connection) } else { connection.shutDownWriting() }
    }
    func closed(_ connection: Connection, cause: CloseCause) { onClose(connection) }
}
