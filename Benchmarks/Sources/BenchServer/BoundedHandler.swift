public import PeerLoop

/// Reads no further while much waits to be written, as the servers it is compared with do.
public protocol BoundedHandler: ConnectionHandler {}

/// Bytes that may wait before reading is paused.
@usableFromInline let mostPendingBytes = 256 * 1024

extension BoundedHandler {
    /// To be called after writing.
    @inlinable
    public func pauseIfBehind(_ connection: Connection) {
        if connection.pendingByteCount > mostPendingBytes { connection.pauseReading() }
    }

    /// Reads again once nothing waits.
    @inlinable
    public func wrote(_ byteCount: Int, on connection: Connection) {
        if connection.isPaused, connection.pendingByteCount == 0 { connection.resumeReading() }
    }

    /// Does nothing.
    @inlinable
    public func closed(_ connection: Connection, cause: CloseCause) {}
}
