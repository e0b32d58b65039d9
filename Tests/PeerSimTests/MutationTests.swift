import PeerSession
import PeerSim
import Testing

/// A host that is wrong on purpose must be found out, and by the invariant that is about it.
@Suite("A broken host is noticed")
struct MutationTests {
    /// Seeds that are tried until one notices. Few of them fill a send queue to its cap, the first of them beyond 200.
    private static func seeds(_ sabotage: Sabotage) -> ClosedRange<UInt64> {
        sabotage == .capIgnored ? 200...500 : 1...300
    }

    @Test("by some seed, and by the right invariant", arguments: Sabotage.allCases)
    func isNoticed(_ sabotage: Sabotage) {
        for seed in Self.seeds(sabotage) {
            var options = SimulationOptions(seed: seed)
            if sabotage == .readingStopsWhenSendQueueIsFull { options.crossingByteCount = 4_000_000 }
            do throws(SimulationFailure) {
                _ = try Simulation.run(options, sabotage: sabotage)
            } catch {
                #expect(sabotage.noticedBy.contains(error.invariant), "\(error)")
                return
            }
        }
        Issue.record("no seed of \(Self.seeds(sabotage)) has noticed \(sabotage)")
    }

    @Test("every invariant has a host that breaks it")
    func invariantsAreReached() {
        let reached = Sabotage.allCases.reduce(into: Set<Invariant>()) { $0.formUnion($1.noticedBy) }
        #expect(Set(Invariant.allCases).subtracting(reached).isEmpty)
    }
}
