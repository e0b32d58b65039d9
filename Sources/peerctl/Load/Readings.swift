import PeerLoop

/// Readings of a process at the milestones of a load test, from any thread.
final class Readings: Sendable {
    struct Reading: Sendable {
        let milestone: LoadControl.Milestone
        let resident: Int
        let cpu: Double
    }

    private let all = Lock<[Reading]>([])

    func add(_ milestone: LoadControl.Milestone, resident: Int, cpu: Double) {
        all.withLock { $0.append(Reading(milestone: milestone, resident: resident, cpu: cpu)) }
    }

    /// The first reading at a milestone.
    func of(_ milestone: LoadControl.Milestone) -> Reading? {
        all.withLock { $0.first { $0.milestone == milestone } }
    }
}
