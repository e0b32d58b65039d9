import PeerWire

/// Stub.
public struct CommandTraffic: Sendable, Hashable {
    public init() {}
    mutating func countReceived(_ kind: MessageKind?, byteCount: Int) {}
    mutating func countSent(_ kind: MessageKind?, byteCount: Int) {}
}
