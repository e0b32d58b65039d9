public import PeerLoop

/// Reads no further while much waits to be written, as the servers it is compared with do.
public protocol BoundedHandler: ConnectionHandler {}

extension BoundedHandler {
    /// Over the high mark it is not read, and again once nothing waits.
    public func writabilityChanged(on connection: Connection) {
        if connection.isWritable { connection.resumeReading() } else { connection.pauseReading() }
    }

    /// Does nothing.
    public func closed(_ connection: Connection, cause: CloseCause) {}
}
