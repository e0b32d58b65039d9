import PeerKit
import PeerLoop

/// Answers `getheaders` and `getdata` from a chain, each peer as fast as it reads and no faster.
///
/// What a peer asked for waits here, not in its send queue, which gets the next item when it has room: at most its high
/// mark and one block. The listeners of one peer run one at a time, so its backlog is taken out while it is worked on
/// and the lock is held for no longer than that takes.
final class ChainServer: Sendable {
    /// Items that may wait for one peer, as many as a whole `getdata` has: 2 MB of them. A peer that asks on and on and
    /// does not read is disconnected when a further request would exceed it; with nothing waiting, a request of any
    /// size is taken.
    static let maximumWaitingItems = 50_000

    let chain: ServedChain
    private let backlogs = Lock<[UInt64: Backlog]>([:])

    init(_ chain: ServedChain) {
        self.chain = chain
    }

    /// Peers for whom something waits.
    var waitingPeerCount: Int { backlogs.withLock { $0.count } }

    /// Sets up a node to serve the chain.
    func install(in configuration: inout PeerConfiguration) {
        let height = Int32(clamping: chain.height)
        configuration.chainHeight = height
        // A block must fit above the high mark, or it would be refused for ever; and so must what the session itself
        // may have put there by then.
        configuration.sendQueueByteCap = max(
            configuration.sendQueueByteCap,
            configuration.sendQueueHighMark + configuration.postponedByteCap + chain.largestFrameByteCount)
        configuration.listeners.onGetHeaders = { [self] peer, request in take(.headers(request), from: peer) }
        configuration.listeners.onGetData = { [self] peer, request in take(.data(request.items), from: peer) }
        configuration.listeners.onWritable = { [self] peer in
            if let backlog = takeBacklog(of: peer) { serve(backlog, to: peer) }
        }
        configuration.listeners.onDisconnect = { [self] peer, _ in _ = takeBacklog(of: peer) }
    }

    private func takeBacklog(of peer: Peer) -> Backlog? {
        backlogs.withLock { $0.removeValue(forKey: peer.id) }
    }

    private func keep(_ backlog: Backlog, for peer: Peer) {
        backlogs.withLock { $0[peer.id] = backlog }
    }

    private func take(_ request: Backlog.Request, from peer: Peer) {
        var backlog = takeBacklog(of: peer) ?? Backlog()
        guard backlog.isEmpty || backlog.itemCount + request.itemCount <= Self.maximumWaitingItems else {
            peer.disconnect()
            return
        }
        backlog.append(request)
        serve(backlog, to: peer)
    }

    /// Answers until all is answered or the peer has enough to read; the rest is kept for
    /// ``MessageListeners/onWritable``.
    private func serve(_ backlog: consuming Backlog, to peer: Peer) {
        while !backlog.isEmpty {
            guard peer.isWritable else {
                // The question being answered with no, onWritable is sure to come. It may be due already, but this
                // peer's listeners wait for each other: it runs after this is put back.
                keep(backlog, for: peer)
                return
            }
            if case .refused(let error) = answerNext(&backlog, to: peer) {
                // The cap has room for any block, so that only a peer that is gone refuses. Were it not so, an answer
                // left out would have the peer wait for ever.
                if error != .disconnected { peer.disconnect() }
                return
            }
        }
    }

    private func answerNext(_ backlog: inout Backlog, to peer: Peer) -> QueueOutcome {
        switch backlog.next() {
        case .headers(let request):
            return peer.queue(.headers(chain.headers(for: request)))
        case .item(let item):
            if item.kind == .block, let block = chain.block(item.hash) { return peer.queue(block) }
            // Encoded already: sent as the bytes they are, under the name they have.
            if item.kind == .transaction, let bytes = chain.transaction(item.hash) {
                return peer.queue(.unknown(.transaction, bytes))
            }
            backlog.missed(item)
            return .queued
        case .missing(let items):
            return items.isEmpty ? .queued : peer.queue(.notFound(items))
        }
    }
}

/// What one peer asked for and has not been given yet, in the order it asked.
struct Backlog {
    enum Request {
        case headers(GetHeadersMessage)
        case data([InventoryVector])

        /// Entries of a `getdata` or hashes of a locator, and one for the request.
        var itemCount: Int {
            switch self {
            case .headers(let request): 1 + request.locator.count
            case .data(let items): 1 + items.count
            }
        }
    }

    enum Step {
        case headers(GetHeadersMessage)
        case item(InventoryVector)
        /// The end of a `getdata`: what it asked for in vain.
        case missing([InventoryVector])
    }

    private var requests: [Request] = []
    private var first = 0
    /// Items of the first request that were looked at.
    private var done = 0
    private var missing: [InventoryVector] = []
    /// Items that wait, over all requests.
    private(set) var itemCount = 0

    var isEmpty: Bool { first == requests.count }

    mutating func append(_ request: Request) {
        requests.append(request)
        itemCount += request.itemCount
    }

    /// The next thing to answer. There must be one.
    mutating func next() -> Step {
        switch requests[first] {
        case .headers(let request):
            itemCount -= 1 + request.locator.count
            removeFirst()
            return .headers(request)
        case .data(let items):
            itemCount -= 1
            if done < items.count {
                done += 1
                return .item(items[done - 1])
            }
            removeFirst()
            let missing = missing
            self.missing = []
            return .missing(missing)
        }
    }

    mutating func missed(_ item: InventoryVector) { missing.append(item) }

    private mutating func removeFirst() {
        done = 0
        first += 1
        // What is answered is forgotten from time to time, at once when nothing waits.
        if first == requests.count {
            requests.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 64, first * 2 >= requests.count {
            requests.removeFirst(first)
            first = 0
        }
    }
}
