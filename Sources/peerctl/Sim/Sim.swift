import ArgumentParser
import Glibc
import PeerSim

/// `peerctl sim`: plays seeds in the simulator.
struct Sim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Plays random scenarios in a simulated network and checks what must hold.",
        discussion: """
            Sessions run under virtual time, over a simulated TCP, with faults and adversaries drawn from the seed. \
            The same seed gives the same output, byte for byte. A failure prints what did not hold, when, and the \
            command that shows it again.

            With --seeds, several seeds are played from --seed on, on all processors, and summed up in one line, with \
            a digest of all their reports. --json is described in docs/sim-report.md. Exit code 1 when something did \
            not hold.
            """)

    @Option(help: ArgumentHelp("The seed, or the first of several.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: "How many seeds are played.")
    var seeds = 1

    @Option(help: "Nodes. More than 32 are all peers of the first.")
    var peers = 8

    @Option(help: "Events after which the scripts stop.")
    var steps = 4_000

    @Option(
        help: ArgumentHelp("Virtual time that the network is left to itself after that.", valueName: "seconds"))
    var duration = 1_500

    @Option(
        help: ArgumentHelp(
            "Instead, two nodes send each other two blocks of this size at the same time.", valueName: "bytes"))
    var crossing: Int?

    @Flag(help: "Prints the run, one line an event: step, virtual time, what happens.")
    var trace = false

    @Option(help: "Seeds played at the same time; 0 for one on each processor.")
    var jobs = 0

    @Option(help: ArgumentHelp("Write the report as JSON to a file, or to stdout with '-'.", valueName: "path|-"))
    var json: String?

    func validate() throws {
        if seeds < 1 || seeds > 100_000_000 { throw ValidationError("--seeds must be 1 to 100000000") }
        if peers < 1 || peers > 100_000 { throw ValidationError("--peers must be 1 to 100000") }
        if steps < 0 || steps > 1_000_000_000 { throw ValidationError("--steps must be 0 to 1000000000") }
        if duration < 0 || duration > 31_536_000 { throw ValidationError("--duration must be 0 to 31536000") }
        if let crossing, crossing < 1_000 || crossing > 100_000_000 {
            throw ValidationError("--crossing must be 1000 to 100000000")
        }
        if jobs < 0 || jobs > 1_024 { throw ValidationError("--jobs must be 0 to 1024") }
        if trace, seeds > 1 { throw ValidationError("--trace is for one seed") }
        if trace, json == "-" { throw ValidationError("--trace and --json - would both write to stdout") }
        if json?.isEmpty == true { throw ValidationError("--json needs a path, or '-' for stdout") }
    }

    func run() async throws {
        // Nothing is left to be done: what was printed are whole lines.
        try Interruption.onFirst {
            Output.error("interrupted")
            _exit(CommandFailure.interrupted.exitCode)
        }
        var report = SimReport(first: seed, count: seeds, peers: peers, steps: steps)
        if seeds == 1 {
            try playOne(&report)
        } else {
            try await playMany(&report)
        }
        if let json { try report.json.write(to: json) }
        if report.failures.isEmpty { return }
        throw CommandFailure.failed("\(report.failures.count) of \(seeds) seeds failed")
    }

    private func options(_ seed: UInt64) -> SimulationOptions {
        var options = SimulationOptions(seed: seed)
        options.peers = peers
        options.steps = steps
        options.calmDuration = .seconds(duration)
        options.crossingByteCount = crossing
        return options
    }

    private func playOne(_ report: inout SimReport) throws {
        let output = TraceOutput()
        let result = SimResult(options(seed), onTrace: trace ? { output.add($0) } : nil)
        report.add(result)
        if json != "-" { output.add(result.text) }
        output.flush()
        if let failure = output.failure?.commandFailure { throw failure }
    }

    /// Seeds are handed out in order, and told of in order, whichever is done first.
    private func playMany(_ report: inout SimReport) async throws {
        let width = jobs > 0 ? jobs : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let progress = SimProgress(count: seeds)
        try await withThrowingTaskGroup(of: (Int, [SimResult]).self) { group in
            let batches = (seeds + Self.batch - 1) / Self.batch
            var next = 0
            var waiting: [Int: [SimResult]] = [:]
            var told = 0
            var running = 0
            while told < batches {
                while next < batches, running < width, next - told < 2 * width {
                    let batch = next
                    group.addTask { (batch, play(batch)) }
                    next += 1
                    running += 1
                }
                guard let (done, results) = try await group.next() else { break }
                running -= 1
                waiting[done] = results
                while let results = waiting.removeValue(forKey: told) {
                    for result in results { try tell(result, &report) }
                    told += 1
                    progress.show(min(seeds, told * Self.batch), failures: report.failures.count)
                }
            }
        }
        progress.end()
        if json != "-" { try Output.result(report.summary) }
    }

    private static let batch = 16

    private func play(_ batch: Int) -> [SimResult] {
        let start = batch * Self.batch
        return (start..<min(seeds, start + Self.batch)).map { SimResult(options(seed &+ UInt64($0)), onTrace: nil) }
    }

    private func tell(_ result: SimResult, _ report: inout SimReport) throws {
        report.add(result)
        if case .failure = result.outcome, json != "-" { try Output.result(result.text) }
    }
}
