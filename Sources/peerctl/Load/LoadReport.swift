import Glibc
import PeerKit

/// The outcome of a load test, as a table and as JSON (docs/load-report.md).
struct LoadReport {
    /// Raised when a key changes its meaning or goes away; added keys leave it.
    static let schema = 1

    let scenario: LoadScenario
    let network: Network
    let target: String
    let isStandIn: Bool
    let peers: Int
    let window: Int
    let result: LoadResult

    var handshakesPerSecond: Double {
        result.connectSeconds > 0 ? Double(result.handshaken) / result.connectSeconds : 0
    }

    var operationsPerSecond: Double {
        result.steadySeconds > 0 ? Double(result.operations) / result.steadySeconds : 0
    }

    var residentBytesPerPeer: Double? {
        guard let usage = result.target, result.handshaken > 0 else { return nil }
        return Double(usage.residentWithPeers - usage.residentBefore) / Double(result.handshaken)
    }

    var handshakeCPUMicroseconds: Double? {
        guard let usage = result.target, result.handshaken > 0 else { return nil }
        return usage.connectCPUSeconds * 1e6 / Double(result.handshaken)
    }

    var operationCPUMicroseconds: Double? {
        guard let usage = result.target, result.operations > 0, scenario != .hold else { return nil }
        return usage.steadyCPUSeconds * 1e6 / Double(result.operations)
    }

    /// Cores the target kept busy in the steady phase.
    var steadyCores: Double? {
        guard let usage = result.target, result.steadySeconds > 0 else { return nil }
        return usage.steadyCPUSeconds / result.steadySeconds
    }

    var failureText: String {
        let reasons = Self.list(result.failed)
        return [result.trouble, reasons.isEmpty ? nil : reasons].compactMap { $0 }.joined(separator: "; ")
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(
            separator: ", ")
    }
}

// MARK: - Table

extension LoadReport {
    var table: String {
        rows.map { name, value in name.padding(toWidth: 26) + value }.joined(separator: "\n")
    }

    private var rows: [(String, String)] {
        var rows: [(String, String)] = [
            ("scenario", "\(scenario.rawValue), \(peers) peers, window \(window), \(network.rawValue)"),
            ("target", isStandIn ? "\(target) (stand-in node)" : target),
            ("handshaken", "\(result.handshaken)"),
            ("failed", result.failed.isEmpty ? "0" : "\(result.failedCount): \(Self.list(result.failed))"),
        ]
        if !result.lost.isEmpty { rows.append(("lost", "\(result.lostCount): \(Self.list(result.lost))")) }
        rows.append(("handshakes/s", Self.rounded(handshakesPerSecond)))
        if let latency = result.handshakeLatency {
            rows.append(("handshake p50 / p99", "\(latency.p50) / \(latency.p99) us"))
        }
        if scenario != .connect {
            rows.append(("answered", "\(result.answered) peers"))
            rows.append(("operations", "\(result.operations) in \(Self.decimal(result.steadySeconds, 1)) s"))
            if result.failedOperations > 0 { rows.append(("failed operations", "\(result.failedOperations)")) }
            rows.append(("operations/s", Self.rounded(operationsPerSecond)))
        }
        if result.receivedBytes > 0 {
            rows.append(("received", "\(Self.rounded(Double(result.receivedBytes) / 1e6 / result.steadySeconds)) MB/s"))
        }
        if let latency = result.operationLatency {
            rows.append(
                (
                    "latency p50/p90/p99/p99.9/max",
                    "\(latency.p50) / \(latency.p90) / \(latency.p99) / \(latency.p999) / \(latency.max) us"
                ))
        }
        if let bytes = residentBytesPerPeer { rows.append(("target memory", "\(Self.rounded(bytes)) B a peer")) }
        if let cpu = handshakeCPUMicroseconds { rows.append(("target CPU", "\(Self.decimal(cpu, 1)) us a handshake")) }
        if let cpu = operationCPUMicroseconds { rows.append(("target CPU", "\(Self.decimal(cpu, 2)) us an operation")) }
        if let cores = steadyCores { rows.append(("target CPU, steady", "\(Self.decimal(cores, 4)) cores")) }
        rows.append(("own CPU", "\(Self.decimal(result.ownCPUSeconds, 2)) s"))
        return rows
    }

    private static func rounded(_ value: Double) -> String { String(Int(value.rounded())) }

    private static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((value.magnitude * scale).rounded())
        let whole = scaled / Int(scale)
        let rest = String(scaled % Int(scale))
        return (value < 0 ? "-" : "") + "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}

extension String {
    fileprivate func padding(toWidth width: Int) -> String {
        count >= width ? self + "  " : self + String(repeating: " ", count: width - count)
    }
}

// MARK: - JSON

extension LoadReport {
    var json: JSON {
        .object([
            ("schema", .int(Self.schema)),
            ("scenario", .string(scenario.rawValue)),
            ("network", .string(network.rawValue)),
            ("target", .string(target)),
            ("stand_in", .bool(isStandIn)),
            ("peers", .int(peers)),
            ("window", .int(window)),
            ("handshaken", .int(result.handshaken)),
            ("failed", .int(result.failedCount)),
            ("failed_by_reason", Self.object(result.failed)),
            ("lost", .int(result.lostCount)),
            ("lost_by_reason", Self.object(result.lost)),
            ("connected_at_end", .int(result.connectedAtEnd)),
            ("answered", .int(result.answered)),
            ("connect_seconds", .number(result.connectSeconds)),
            ("handshakes_per_second", .number(handshakesPerSecond)),
            ("handshake_latency", Self.latency(result.handshakeLatency)),
            ("steady_seconds", .number(result.steadySeconds)),
            ("operations", .unsigned(result.operations)),
            ("failed_operations", .unsigned(result.failedOperations)),
            ("operations_per_second", .number(operationsPerSecond)),
            ("operation_latency", Self.latency(result.operationLatency)),
            ("received_bytes", .unsigned(result.receivedBytes)),
            ("target_usage", .optional(result.target, usage)),
            ("own_cpu_seconds", .number(result.ownCPUSeconds)),
            ("trouble", .optional(result.trouble, JSON.string)),
        ])
    }

    private func usage(_ usage: TargetUsage) -> JSON {
        .object([
            ("resident_bytes_before", .int(usage.residentBefore)),
            ("resident_bytes_with_peers", .int(usage.residentWithPeers)),
            ("resident_bytes_per_peer", .optional(residentBytesPerPeer, JSON.number)),
            ("handshake_cpu_us", .optional(handshakeCPUMicroseconds, JSON.number)),
            ("operation_cpu_us", .optional(operationCPUMicroseconds, JSON.number)),
            ("steady_cores", .optional(steadyCores, JSON.number)),
        ])
    }

    private static func latency(_ summary: LatencySummary?) -> JSON {
        .optional(summary) { summary in
            .object([
                ("count", .unsigned(summary.count)), ("p50_us", .unsigned(summary.p50)),
                ("p90_us", .unsigned(summary.p90)), ("p99_us", .unsigned(summary.p99)),
                ("p999_us", .unsigned(summary.p999)), ("max_us", .unsigned(summary.max)),
            ])
        }
    }

    private static func object(_ counts: [String: Int]) -> JSON {
        .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
    }

    func write(to path: String) throws { try json.write(to: path) }
}
