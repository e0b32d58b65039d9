import PeerWire

/// The last `getblocks` and `getheaders` sent and not answered, so that the same is not asked twice in a row. Once
/// answered the same may be asked again: the peer's chain may have grown. Only a peer that is asked owns memory here.
struct LastRequests: Sendable {
    private var ranges: [BlockRange?] = []

    private enum Place: Int {
        case blocks
        case headers
    }

    /// True when the message repeats the last of its kind; otherwise it is noted.
    mutating func repeats(_ message: MessageFacts) -> Bool {
        switch message {
        case .getBlocks(let range): repeats(range, .blocks)
        case .getHeaders(let range): repeats(range, .headers)
        default: false
        }
    }

    /// Notes what may be an answer.
    mutating func received(_ message: MessageFacts) {
        if ranges.isEmpty { return }
        switch message {
        case .headers: ranges[Place.headers.rawValue] = nil
        case .inventory: ranges[Place.blocks.rawValue] = nil
        default: break
        }
    }

    private mutating func repeats(_ range: BlockRange, _ place: Place) -> Bool {
        // Without a locator one block is asked for, and not where a chain goes on.
        if range.first.isZero { return false }
        if ranges.isEmpty { ranges = [nil, nil] }
        if ranges[place.rawValue] == range { return true }
        ranges[place.rawValue] = range
        return false
    }
}
