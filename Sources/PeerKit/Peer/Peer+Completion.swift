internal import PeerLoop

extension Peer {
    /// Queues a message as ``queue(_:)-(Message)`` does, and tells once what became of it: success when the kernel has
    /// every byte, else why it never will, a refusal included. Never waits.
    ///
    /// `completion` runs on a worker thread, beside this peer's listeners and after ``MessageListeners/onDisconnect``
    /// where the peer's end is the reason. Those of several messages may run in any order.
    public func queue(_ message: Message, completion: @escaping @Sendable (Result<Void, SendError>) -> Void) {
        queue(completion) { enqueue(message, completion: $0) }
    }

    /// As ``queue(_:completion:)-(Message,_)`` for a message that was encoded before.
    public func queue(_ message: EncodedMessage, completion: @escaping @Sendable (Result<Void, SendError>) -> Void) {
        queue(completion) { enqueue(message, completion: $0) }
    }

    private func queue(_ completion: @escaping Completion, _ enqueue: (@escaping Completion) -> QueueOutcome) {
        let pool = core.pool
        let tell: Completion = { result in pool.perform { completion(result) } }
        if case .refused(let error) = enqueue(tell) { tell(.failure(error)) }
    }
}

extension WorkerPool {
    /// Runs `body` on a worker; where it is called once the workers have ended.
    func perform(_ body: @escaping @Sendable () -> Void) {
        let lane = Lane<Void> { _ in body() }
        if lane.append(()), !offer(lane) { _ = lane.runOnWorker() }
    }
}
