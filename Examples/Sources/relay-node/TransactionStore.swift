import PeerKit

/// The transactions a node has to give, up to so many; the oldest go first. And those it has asked for, so that it asks
/// one peer at a time.
struct TransactionStore {
    /// Bytes of transactions kept.
    static let byteLimit = 64 << 20
    /// Transactions kept: small ones take more memory than their bytes.
    static let countLimit = 100_000
    /// Transactions asked for and not yet received.
    static let requestLimit = 50_000
    /// How long a peer has before the same transaction is asked of another one that announces it.
    static let requestTimeout = Duration.seconds(60)

    private var transactions: [Hash256: Transaction] = [:]
    private var byteCount = 0
    private var requests: [Hash256: ContinuousClock.Instant] = [:]
    /// The order in which they came, from `oldest` on. What is before that is cut off now and then.
    private var order: [Hash256] = []
    private var oldest = 0

    subscript(hash: Hash256) -> Transaction? { transactions[hash] }

    /// Those of `items` to ask for: neither here nor asked for already. They count as asked for from now on.
    mutating func request(_ items: [InventoryVector], at now: ContinuousClock.Instant) -> [InventoryVector] {
        if requests.count >= Self.requestLimit { requests = requests.filter { $0.value > now } }
        return items.filter { item in
            guard item.kind == .transaction, transactions[item.hash] == nil else { return false }
            if let deadline = requests[item.hash], deadline > now { return false }
            guard requests.count < Self.requestLimit else { return false }
            requests[item.hash] = now + Self.requestTimeout
            return true
        }
    }

    /// Forgets that these were asked for: nobody is going to send them.
    mutating func giveUp(_ items: [InventoryVector]) {
        for item in items { requests[item.hash] = nil }
    }

    /// Whether a transaction that came in was asked for; from now on it no longer is.
    mutating func fulfil(_ hash: Hash256) -> Bool { requests.removeValue(forKey: hash) != nil }

    /// Keeps a transaction. False when it is here already.
    mutating func insert(_ transaction: Transaction, _ hash: Hash256) -> Bool {
        guard transactions[hash] == nil else { return false }
        transactions[hash] = transaction
        order.append(hash)
        byteCount += transaction.byteCount
        while byteCount > Self.byteLimit || transactions.count > Self.countLimit { removeOldest() }
        return true
    }

    private mutating func removeOldest() {
        if let gone = transactions.removeValue(forKey: order[oldest]) { byteCount -= gone.byteCount }
        oldest += 1
        if oldest > order.count / 2 {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
