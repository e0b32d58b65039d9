import CPinning
import Glibc
import PeerLoop

// What a hop costs from a loop to a listener on a worker and back: `loop-hop [--table] [--one-core] [--rounds N]`.
// The loop is pinned to processor 0 and the one worker to processor 1; with `--one-core` both to processor 0.

let arguments = CommandLine.arguments
let isOneCore = arguments.contains("--one-core")
let rounds = arguments.firstIndex(of: "--rounds").flatMap { Int(arguments[$0 + 1]) } ?? 7

func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

struct Row {
    let name: String
    let inFlight: Int
    let hops: Int
    let target: Int
    var wall: [Double] = []
    var cpu: [Double] = []
    var perTick: [Double] = []
}

struct Measurement: Sendable {
    var wall: Double
    var cpu: Double
    var perTick: Double
}

/// The loop's side: sends each lane its next message when the last one is back.
final class Sender {
    private let lanes: [Lane<Int>]
    private let pool: WorkerPool
    private let hops: Int
    private var toSend: Int
    private var returned = 0
    private var batches = 0
    private var ready: [any WorkerPool.Work] = []
    private let begin = (wall: nanoseconds(CLOCK_MONOTONIC), cpu: nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
    private let whenDone: (Measurement) -> Void

    init(lanes: [Lane<Int>], pool: WorkerPool, hops: Int, whenDone: @escaping (Measurement) -> Void) {
        self.lanes = lanes
        self.pool = pool
        self.hops = hops
        toSend = hops
        self.whenDone = whenDone
    }

    func send(to number: Int) {
        guard toSend > 0 else { return }
        toSend -= 1
        let lane = lanes[number]
        if lane.append(number) { ready.append(lane) }
    }

    func came(back numbers: [Int]) {
        batches += 1
        returned += numbers.count
        for number in numbers { send(to: number) }
        if returned == hops {
            whenDone(
                Measurement(
                    wall: Double(nanoseconds(CLOCK_MONOTONIC) - begin.wall) / Double(hops),
                    cpu: Double(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - begin.cpu) / Double(hops),
                    perTick: Double(hops) / Double(batches)))
        }
    }

    /// Hands over what a tick gathered.
    func handOver() {
        if !ready.isEmpty { pool.schedule(&ready) }
    }
}

func measure(_ row: Row, laneCount: Int) async throws -> Measurement {
    // Threads are where those are that start them.
    guard pinning_to_processor(isOneCore ? 0 : 1) else { throw SystemError(.thread, code: errno) }
    let pool = try WorkerPool(workers: 1)
    _ = pinning_to_processor(0)
    let handle = try EventLoopHandle.start()
    let mailbox = Mailbox<Int>(waker: handle.waker)
    let result = await withCheckedContinuation { continuation in
        handle.run { loop in
            let lanes = (0..<laneCount).map { _ in Lane<Int> { mailbox.post($0) } }
            let sender = Sender(lanes: lanes, pool: pool, hops: row.hops) { continuation.resume(returning: $0) }
            loop.attach(mailbox) { _, numbers in sender.came(back: numbers) }
            loop.atTickEnd { _ in sender.handOver() }
            for _ in 0..<row.inFlight {
                for number in lanes.indices { sender.send(to: number) }
            }
        }
    }
    await handle.shutdown(within: .seconds(1))
    _ = await pool.shutDown(within: .seconds(1))
    return result
}

extension [Double] {
    var median: Double { sorted()[count / 2] }
}

var rows = [
    Row(name: "1,000 x 1", inFlight: 1, hops: 2_000_000, target: 300),
    Row(name: "1,000 x 16", inFlight: 16, hops: 4_000_000, target: 100),
]
for _ in 0..<max(1, rounds) {
    for index in rows.indices {
        let result = try await measure(rows[index], laneCount: 1000)
        rows[index].wall.append(result.wall)
        rows[index].cpu.append(result.cpu)
        rows[index].perTick.append(result.perTick)
    }
}

func text(_ value: Double) -> String { String((value * 10).rounded() / 10) }
func column(_ text: String) -> String { String(repeating: " ", count: max(0, 12 - text.count)) + text }

if arguments.contains("--table") {
    print("one loop, one worker, \(isOneCore ? "both on processor 0" : "on processors 0 and 1"); ns a hop and back")
    print(column("") + ["wall", "least", "most", "target", "CPU", "a tick"].map(column).joined())
    for row in rows {
        let figures = [
            text(row.wall.median), text(row.wall.min() ?? 0), text(row.wall.max() ?? 0), String(row.target),
            text(row.cpu.median), text(row.perTick.median),
        ]
        let verdict = row.wall.median <= Double(row.target) ? "ok" : "MISSED"
        print(column(row.name) + figures.map(column).joined() + "  " + verdict)
    }
} else {
    let objects = rows.map { row in
        """
        {"name":"\(row.name)","ns_per_hop":\(text(row.wall.median)),"target":\(row.target),\
        "ns_min":\(text(row.wall.min() ?? 0)),"ns_max":\(text(row.wall.max() ?? 0)),\
        "cpu_ns_per_hop":\(text(row.cpu.median)),"hops_per_tick":\(text(row.perTick.median)),\
        "processors":\(isOneCore ? 1 : 2)}
        """
    }
    print("{\"rows\":[\(objects.joined(separator: ","))]}")
}
