import Glibc
import PeerSim

/// What became of one seed.
struct SimResult: Sendable {
    let outcome: Result<SimulationReport, SimulationFailure>

    init(_ options: SimulationOptions, onTrace: ((String) -> Void)?) {
        do throws(SimulationFailure) {
            outcome = .success(try Simulation.run(options, onTrace: onTrace))
        } catch {
            outcome = .failure(error)
        }
    }

    var text: String {
        switch outcome {
        case .success(let report): "\(report)"
        case .failure(let failure): "\(failure)"
        }
    }
}

/// What became of all seeds, in numbers that are the same each time.
struct SimReport {
    /// Raised when a key changes its meaning or goes away; added keys leave it.
    static let schema = 1
    /// Failures that are written out; the rest is counted only.
    static let maxFailures = 100

    let first: UInt64
    let count: Int
    let peers: Int
    let steps: Int
    private(set) var failures: [SimulationFailure] = []
    private var stepCount = 0
    private var handshakes = 0
    private var sent = 0
    private var delivered = 0
    private var connections = 0
    private var virtualSeconds: Int64 = 0
    /// FNV-1a of all texts: two runs that print the same digest have played the same.
    private var digest: UInt64 = 0xcbf2_9ce4_8422_2325

    init(first: UInt64, count: Int, peers: Int, steps: Int) {
        self.first = first
        self.count = count
        self.peers = peers
        self.steps = steps
    }

    mutating func add(_ result: SimResult) {
        for byte in result.text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        switch result.outcome {
        case .success(let report):
            stepCount += report.stepCount
            handshakes += report.handshakeCount
            sent += report.sentMessageCount
            delivered += report.deliveredMessageCount
            connections += report.connectionCount
            virtualSeconds += report.duration.components.seconds
        case .failure(let failure): failures.append(failure)
        }
    }

    var summary: String {
        "\(count) seeds from \(first) on, \(failures.count) failed: \(stepCount) steps, \(virtualSeconds) s, "
            + "\(connections) connections, \(handshakes) handshakes, \(sent) messages sent, \(delivered) delivered, "
            + "digest \(digestText)"
    }

    private var digestText: String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    var json: JSON {
        .object([
            ("schema", .int(Self.schema)), ("seed", .unsigned(first)), ("seeds", .int(count)), ("peers", .int(peers)),
            ("steps", .int(steps)), ("failed", .int(failures.count)),
            ("failures", .array(failures.prefix(Self.maxFailures).map(Self.json))),
            ("events", .int(stepCount)), ("virtual_seconds", .integer(virtualSeconds)),
            ("connections", .int(connections)), ("handshakes", .int(handshakes)), ("messages_sent", .int(sent)),
            ("messages_delivered", .int(delivered)), ("digest", .string(digestText)),
        ])
    }

    private static func json(_ failure: SimulationFailure) -> JSON {
        .object([
            ("invariant", .string(failure.invariant.rawValue)), ("statement", .string(failure.invariant.statement)),
            ("detail", .string(failure.detail)), ("step", .int(failure.step)),
            (
                "virtual_nanoseconds",
                .integer(
                    failure.time.components.seconds * 1_000_000_000
                        + failure.time.components.attoseconds / 1_000_000_000)
            ),
            ("seed", .unsigned(failure.seed)), ("command", .optional(failure.command) { .string($0) }),
        ])
    }
}

/// How far the seeds have come, on a terminal only.
struct SimProgress {
    private let count: Int
    private let start = ContinuousClock.now

    init(count: Int) {
        self.count = count
    }

    func show(_ done: Int, failures: Int) {
        guard Output.showsProgress else { return }
        let elapsed = start.duration(to: .now)
        let each = (elapsed / max(1, done)).formattedMilliseconds
        Output.progress("\r\(done) of \(count) seeds, \(failures) failed, \(each) ms each ")
    }

    func end() {
        if Output.showsProgress { Output.progress("\n") }
    }
}

extension Duration {
    fileprivate var formattedMilliseconds: String {
        let micros = components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
        return "\(micros / 1_000).\(micros % 1_000 / 100)"
    }
}
