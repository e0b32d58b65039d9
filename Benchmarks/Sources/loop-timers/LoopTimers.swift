import PeerLoop

/// The same work through the loop's own API: a closure for each timer.
enum LoopTimers {
    static func play(_ handle: EventLoopHandle) async throws -> [String: Double] {
        var costs = try await handle.submit { loop in
            var jobs: [ScheduledJob] = []
            jobs.reserveCapacity(Work.count)
            var costs: [String: Double] = [:]
            costs["arm_ns"] = Clock.nanoseconds(for: Work.count) {
                for index in 0..<Work.count {
                    jobs.append(loop.schedule(after: .milliseconds(60_000 + index % 60_000)) { _ in })
                }
            }
            costs["rearm_ns"] = Clock.nanoseconds(for: Work.count) {
                for index in 0..<Work.count {
                    loop.cancel(jobs[index])
                    jobs[index] = loop.schedule(after: .milliseconds(120_000 - index % 60_000)) { _ in }
                }
            }
            costs["cancel_ns"] = Clock.nanoseconds(for: Work.count) { for job in jobs { loop.cancel(job) } }
            return costs
        }
        costs["expire_ns"] = await expire(handle)
        return costs
    }

    /// From the first that runs to the last, all due at once.
    private static func expire(_ handle: EventLoopHandle) async -> Double {
        await withCheckedContinuation { continuation in
            handle.run { loop in
                var left = Work.count
                var start: Int64 = 0
                for _ in 0..<Work.count {
                    loop.schedule(after: .zero) { _ in
                        if left == Work.count { start = Clock.now() }
                        left -= 1
                        if left == 0 {
                            continuation.resume(returning: Double(Clock.now() - start) / Double(Work.count))
                        }
                    }
                }
            }
        }
    }
}
