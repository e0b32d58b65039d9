internal import Synchronization

extension EventLoopHandle {
    /// As ``EventLoop/connect(toHost:resolver:options:within:handler:failed:)``, from any thread: returns once the
    /// handler has heard ``ConnectionHandler/opened(_:)``.
    ///
    /// - Parameters:
    ///   - target: the host, by name or number.
    ///   - resolver: who is asked for its addresses.
    ///   - options: in which order, how fast, from where, through what.
    ///   - limit: how long looking up and connecting may take together.
    ///   - handler: makes the connection's handler, on the loop.
    ///
    /// Throws ``HostConnectError``; ``HostConnectError/cancelled`` when the task is cancelled, which ends the attempts.
    @discardableResult
    public func connect(
        toHost target: HostAndPort, resolver: any HostResolver, options: HostConnectOptions = HostConnectOptions(),
        within limit: Duration, handler: @escaping @Sendable () -> any ConnectionHandler
    ) async throws(HostConnectError) -> ConnectionID {
        let ticket = Ticket()
        let result: Result<ConnectionID, HostConnectError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken = run { loop in
                    if ticket.isCancelled.isSet { return continuation.resume(returning: .failure(.cancelled)) }
                    let caller = Dial.Caller(
                        handler: handler(), opened: { continuation.resume(returning: .success($0.id)) },
                        failed: { continuation.resume(returning: .failure($0)) })
                    let dial = loop.dial(target, resolver, options, within: limit, caller)
                    ticket.number.store(dial.number, ordering: .relaxed)
                }
                if !isTaken { continuation.resume(returning: .failure(.loopStopped)) }
            }
        } onCancel: {
            // Both jobs run on the loop, in this order or the other.
            run { loop in
                _ = ticket.isCancelled.exchange(true)
                loop.dials[ticket.number.load(ordering: .relaxed)]?.cancel()
            }
        }
        return try result.get()
    }

    /// What the two sides of a task's cancellation have of one dial.
    private final class Ticket: Sendable {
        let isCancelled = Flag()
        /// 0 until there is one.
        let number = Atomic<UInt64>(0)
    }
}
