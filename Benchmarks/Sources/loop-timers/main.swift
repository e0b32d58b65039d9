import PeerLoop

// 100,000 timers in each of the rivals, in turn: medians of the rounds, in nanoseconds of processor time an operation.

let rounds = 9
let handle = try EventLoopHandle.start()
var rows: [(name: String, rounds: [[String: Double]])] = [
    ("timing wheel", []), ("four-ary heap", []), ("EventLoop.schedule", []),
]
for round in 0..<rounds {
    let work = Work(seed: UInt64(round))
    // Who comes first has the colder caches.
    if round % 2 == 0 { rows[0].rounds.append(work.play(TimerQueue.self)) }
    rows[1].rounds.append(work.play(HeapTimerQueue.self))
    if round % 2 == 1 { rows[0].rounds.append(work.play(TimerQueue.self)) }
    rows[2].rounds.append(try await LoopTimers.play(handle))
}
await handle.shutdown(within: .zero)

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

let lines = rows.map { row in
    let figures = ["arm_ns", "rearm_ns", "cancel_ns", "expire_ns", "message_ns"].compactMap { name -> String? in
        let values = row.rounds.compactMap { $0[name] }
        if values.isEmpty { return nil }
        return "\"\(name)\":\((median(values) * 10).rounded() / 10)"
    }
    return "{\"name\":\"\(row.name)\",\(figures.joined(separator: ","))}"
}
print("{\"rows\":[\n\(lines.joined(separator: ",\n"))\n]}")
