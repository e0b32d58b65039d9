import PeerSession
import PeerSim
import Testing

@Suite("Seeds")
struct SeedTests {
    private func trace(_ options: SimulationOptions) throws -> ([String], SimulationReport) {
        var lines: [String] = []
        let report = try Simulation.run(options) { lines.append($0) }
        return (lines, report)
    }

    @Test("the same seed gives the same run, line by line", arguments: [1, 4, 14, 30, 54] as [UInt64])
    func sameSeed(_ seed: UInt64) throws {
        let first = try trace(SimulationOptions(seed: seed))
        let second = try trace(SimulationOptions(seed: seed))
        #expect(first.0.count > 100)
        #expect(first.0 == second.0)
        #expect(first.1 == second.1)
        #expect("\(first.1)" == "\(second.1)")
    }

    @Test("another seed gives another run")
    func otherSeed() throws {
        #expect(try trace(SimulationOptions(seed: 1)).0 != trace(SimulationOptions(seed: 2)).0)
    }

    @Test("the first seeds hold")
    func firstSeeds() throws {
        for seed in 1...20 as ClosedRange<UInt64> { _ = try Simulation.run(SimulationOptions(seed: seed)) }
    }

    @Test("every adversary meets what is due to it", arguments: AdversaryKind.allCases)
    func adversaries(_ kind: AdversaryKind) throws {
        var met = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            var options = SimulationOptions(seed: seed)
            options.peers = 2
            options.steps = 300
            options.faults = [.adversaries]
            options.adversaries = [kind]
            options.alwaysFaults = [.adversaries]
            let report = try Simulation.run(options)
            met += report.notes.count { $0.contains(kind.rawValue) }
        }
        #expect(met > 0)
    }

    @Test("two blocks of 32 MB cross two")
    func crossing() throws {
        var options = SimulationOptions(seed: 1)
        options.crossingByteCount = 32_000_000
        let report = try Simulation.run(options)
        #expect(report.notes == ["two blocks of 32000000 bytes crossed two"])
    }

    @Test("a failure says what, when, and how to see it again")
    func failureText() {
        var options = SimulationOptions(seed: 1)
        options.peers = 5
        options.steps = 1_234
        var text = ""
        do throws(SimulationFailure) {
            _ = try Simulation.run(options, sabotage: .outcomeTwice)
        } catch {
            text = "\(error)"
        }
        #expect(text.contains("invariant oneOutcome: each queued message ends in exactly one outcome"))
        #expect(text.contains("seed 1"))
        #expect(text.contains("step "))
        #expect(text.contains("replay: peerctl sim --seed 1 --peers 5 --steps 1234"))
    }
}
