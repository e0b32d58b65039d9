import PeerKit

extension Message {
    /// Bytes of the payload as it came; `nil` where encoding it again is refused.
    func payloadByteCount(for peer: Peer) -> Int? {
        switch self {
        // The large ones know it; encoding them to count would copy them.
        case .transaction(let transaction): transaction.byteCount + transaction.trailingBytes.count
        case .block(let block): block.byteCount + block.trailingBytes.count
        case .unknown(_, let payload): payload.count
        default: try? payload(protocolVersion: peer.protocolVersion ?? .current).count
        }
    }
}
