import PeerKit
import Synchronization

/// Passes transactions on: what one peer announces is fetched, kept, and announced to the others.
///
/// Nothing is validated: a node of the open network has to, or it spreads what anybody makes up.
final class Relay: Sendable {
    /// Transactions that came in and are to be announced. Should they come faster than they are announced, the oldest
    /// wait in vain; peers fetch them from somebody else.
    let arrivals: AsyncStream<Hash256>
    private let arrived: AsyncStream<Hash256>.Continuation
    /// Listeners of different peers run in parallel, so what they share is behind a lock.
    private let store = Mutex(TransactionStore())

    init() {
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
    }

    /// Sets up a node to relay.
    func install(in configuration: inout PeerConfiguration) {
        configuration.listeners.onInventory = { [self] peer, inventory in
            let wanted = store.withLock { $0.request(inventory.items, at: .now) }
            if !wanted.isEmpty { peer.queue(.getData(wanted)) }
        }
        configuration.listeners.onTransaction = { [self] _, transaction in
            // What nobody asked for is not taken.
            if store.withLock({ $0.fulfil(transaction.hash()) }) { add(transaction) }
        }
        configuration.listeners.onNotFound = { [self] _, missing in
            store.withLock { $0.giveUp(missing.items) }
        }
    }

    /// Keeps a transaction and has it announced, unless it is known already.
    func add(_ transaction: Transaction) {
        let hash = transaction.hash()
        if store.withLock({ $0.insert(transaction, hash) }) { arrived.yield(hash) }
    }
}
