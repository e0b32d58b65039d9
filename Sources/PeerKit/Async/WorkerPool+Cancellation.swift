internal import PeerLoop

extension WorkerPool {
    /// Runs `body`, which may block, on a worker and returns what it returned or throws what it threw. A task that is
    /// cancelled does not wait for it and throws `error`; `body` runs to its end, and nobody hears of it.
    func run<Value: Sendable>(
        orThrow error: any Error, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let answer = Answer<Result<Value, any Error>>()
        let lane = Lane<Void> { _ in answer.give(Result { try body() }) }
        if lane.append(()), !offer(lane) { _ = lane.runOnWorker() }
        return try await answer.value(whenCancelled: .failure(error)).get()
    }
}
