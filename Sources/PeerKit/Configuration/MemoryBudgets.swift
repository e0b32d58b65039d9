/// Bytes that all peers of a node may hold together. When more are held, the peer that holds most is disconnected with
/// ``/PeerSession/DisconnectReason/overBudget(_:)``, until it is enough. They are looked at once a tick of the loop,
/// which may add what one tick reads.
public struct MemoryBudgets: Sendable, Hashable {
    /// Bytes of frames that are not whole yet. Default 256 MiB.
    public var receivingByteCount = 256 << 20
    /// Bytes of messages that wait to be decoded or for their listeners. Default 256 MiB.
    public var laneByteCount = 256 << 20
    /// Bytes that wait to be sent; a large message that many peers share counts once. Default 512 MiB.
    public var sendingByteCount = 512 << 20

    /// The defaults.
    public init() {}
}
