/// The last `getblocks` and `getheaders` sent, so that the same is not asked twice in a row. Only a peer that is asked
/// owns memory here.
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

    private mutating func repeats(_ range: BlockRange, _ place: Place) -> Bool {
        if ranges.isEmpty { ranges = [nil, nil] }
        if ranges[place.rawValue] == range { return true }
        ranges[place.rawValue] = range
        return false
    }
}
