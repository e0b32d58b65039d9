import Glibc
import PeerWire
import TestSupport
import Testing

/// `peerctl load` as its user meets it.
@Suite struct LoadTests {
    private static func report(_ arguments: [String]) throws -> JSONLine {
        let outcome = try ChildProcess.run(["load", "--json", "-"] + arguments)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.lines.count == 1, "with --json - nothing but the report is on stdout")
        return try JSONLine(try #require(outcome.lines.first))
    }

    @Test func connectsEveryPeer() throws {
        let report = try Self.report(["--peers", "50", "--scenario", "connect", "--concurrency", "8"])
        #expect(report.number("schema") == 1)
        #expect(report.text("scenario") == "connect")
        #expect(report.flag("stand_in") == true)
        #expect(report.number("handshaken") == 50)
        #expect(report.number("failed") == 0)
        #expect(report.object("handshake_latency")?.number("count") == 50)
        #expect(report.object("target_usage") != nil)
    }

    @Test func holdsPeersAndEachAnswersTwice() throws {
        let report = try Self.report(["--peers", "40", "--scenario", "hold", "--duration", "0.2", "--source-ips", "7"])
        #expect(report.number("handshaken") == 40)
        #expect(report.number("answered") == 40)
        #expect(report.number("operations") == 80)
        #expect(report.number("lost") == 0)
    }

    @Test(arguments: ["ping", "inv", "blocks"])
    func everyPeerDoesSomething(scenario: String) throws {
        // Where a busy machine does not let each of them in so short a time, it gets more.
        var latest: JSONLine?
        for seconds in [1, 5, 25] where latest?.number("answered") != 10 {
            let outcome = try ChildProcess.run([
                "load", "--json", "-", "--peers", "10", "--scenario", scenario, "--duration", "\(seconds)",
                "--blocks", "4", "--block-size", "20000", "--network", "regtest",
            ])
            // One in which nothing was done has failed.
            #expect(outcome.exitCode == 0 || seconds < 25, "\(outcome.errors)")
            latest = try outcome.lines.first.map { try JSONLine($0) }
        }
        let report = try #require(latest)
        #expect(report.text("network") == "regtest")
        #expect(report.number("answered") == 10)
        #expect(report.number("failed_operations") == 0)
        let latency = try #require(report.object("operation_latency"))
        let percentiles = ["p50_us", "p90_us", "p99_us", "p999_us", "max_us"].compactMap { latency.number($0) }
        #expect(percentiles.count == 5)
        #expect(percentiles == percentiles.sorted())
        #expect(latency.number("count") == report.number("operations"))
        if scenario == "blocks" {
            #expect(report.number("received_bytes") == (report.number("operations") ?? 0) * 20_000)
        }
    }

    @Test func printsATableWithoutJSON() throws {
        let outcome = try ChildProcess.run(["load", "--peers", "5", "--scenario", "hold", "--duration", "0.2"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.errors == "")
        for row in ["scenario ", "handshaken ", "failed ", "handshakes/s", "operations/s", "latency", "own CPU"] {
            #expect(outcome.lines.contains { $0.hasPrefix(row) }, "\(row) in \(outcome.text)")
        }
    }

    @Test func aDeadTargetIsOneLine() throws {
        let port = try BlockingListener().port
        let outcome = try ChildProcess.run(["load", "--target", "127.0.0.1:\(port)", "--peers", "20"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.hasPrefix("no peer got through to 127.0.0.1:\(port): "))
        #expect(outcome.complaint.contains("refused"))
    }

    @Test func aTargetThatNeverAnswersIsGivenUp() throws {
        let listener = try BlockingListener(backlog: 128)
        let outcome = try ChildProcess.run([
            "load", "--target", "127.0.0.1:\(listener.port)", "--peers", "500", "--concurrency", "16", "--timeout",
            "0.3",
        ])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.contains("gave up after 16 attempts without one success; timeout 16"))
    }

    @Test func aTargetOfAnotherNetworkIsOneLine() throws {
        let server = try ChildProcess(["serve", "--network", "testnet3"])
        let address = try #require(try server.line().split(separator: " ").last.map(String.init))
        let outcome = try ChildProcess.run(["load", "--target", address, "--peers", "3", "--network", "mainnet"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.contains("closed by the target 3"))
        server.send(signal: SIGTERM)
        #expect(try server.finish().exitCode == 0)
    }

    @Test(arguments: [
        ["--peers", "0"], ["--window", "0"], ["--scenario", "dance"], ["--duration", "-1"], ["--duration", "nan"],
        ["--source-ips", "100000"], ["--target", "127.0.0.1:1:2"], ["--peers", "900000"], ["--batch", "50001"],
    ])
    func nonsenseIsOneLineAndExitCodeTwo(arguments: [String]) throws {
        let outcome = try ChildProcess.run(["load"] + arguments)
        #expect(outcome.exitCode == 2)
        #expect(!outcome.complaint.isEmpty, "\(outcome.errors)")
    }

    @Test func aReportThatCannotBeWrittenIsOneLine() throws {
        let outcome = try ChildProcess.run([
            "load", "--peers", "2", "--scenario", "connect", "--json", "/no/such/folder/report.json",
        ])
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint.hasPrefix("cannot write '/no/such/folder/report.json': "))
    }

    /// Interrupted while peers were connecting, it crashed: they ended after what they reported to was gone.
    @Test func anInterruptAtAnyMomentIsOneLine() throws {
        for _ in 0..<5 {
            let listener = try BlockingListener(backlog: 128)
            let load = try ChildProcess(["load", "--target", "127.0.0.1:\(listener.port)", "--peers", "30"])
            // It is connecting now, and the handshake will never come.
            let first = try listener.accept()
            load.send(signal: SIGINT)
            let outcome = try load.finish()
            #expect(outcome.exitCode == 130)
            #expect(outcome.complaint == "interrupted")
            first.close()
        }
    }

    @Test func aTargetThatDiesEndsTheTest() throws {
        let server = try ChildProcess(["serve"])
        let address = try #require(try server.line().split(separator: " ").last.map(String.init))
        let load = try ChildProcess(["load", "--target", address, "--peers", "5", "--duration", "60"])
        // The peers are there once the server, asked for its summary, has counted them; a kill leaves no time for that,
        // so one more peer tells: it is served after those before it.
        let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
        let probe = try BlockingSocket(port: port)
        try probe.send(frame("version", [UInt8](repeating: 0, count: 46)))
        _ = try? probe.receive(upTo: 1)
        server.send(signal: SIGKILL)
        let outcome = try load.finish()
        #expect(outcome.exitCode == 1)
        #expect(outcome.errorLines.count == 2)
    }

    /// The parent held the child's end of the pipe it waited on, and so never saw that the child was gone.
    @Test func aStandInNodeThatDoesNotStartIsOneLine() throws {
        let outcome = try ChildProcess.run(["load", "--scenario", "blocks", "--block-size", "1"])
        #expect(outcome.exitCode == 2)
        #expect(outcome.complaint.hasPrefix("--block-size must be at least"))
    }

    /// Takes one connection as a node that handshakes.
    private static func target(
        _ arguments: [String], _ body: (ChildProcess, BlockingSocket) throws -> Void
    ) throws -> ChildProcess.Outcome {
        let listener = try BlockingListener()
        let load = try ChildProcess(["load", "--target", "127.0.0.1:\(listener.port)", "--peers", "1"] + arguments)
        let socket = try listener.accept()
        let header = try socket.receive(exactly: 24)
        _ = try socket.receive(exactly: Int(header[16]) | Int(header[17]) << 8)
        try socket.send(frame("version", [UInt8](repeating: 0x11, count: 46)) + frame("verack"))
        // A sendaddrv2 and a verack.
        _ = try socket.receive(exactly: 2 * 24)
        try body(load, socket)
        return try load.finish()
    }

    /// It ended with exit code 0, having measured nothing.
    @Test func aTargetThatNeverAnswersAPingFailsTheTest() throws {
        let outcome = try Self.target(["--duration", "0.3"]) { _, socket in
            _ = try socket.receiveToEnd()
        }
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaint == "the target completed no operation")
    }

    /// Each pong too many counted as an operation and brought forth another ping.
    @Test func pongsThatWereNotAskedForCountForNothing() throws {
        let outcome = try Self.target(["--duration", "60", "--window", "4"]) { load, socket in
            let pings = try socket.receive(exactly: 4 * 32)
            var pongs: [UInt8] = []
            for index in 0..<4 {
                let pong = frame("pong", Array(pings[(index * 32 + 24)..<(index * 32 + 32)]))
                pongs += pong + pong
            }
            try socket.send(pongs + frame("pong", [1, 2, 3, 4, 5, 6, 7, 8]))
            #expect(try socket.receive(exactly: 4 * 32).count == 4 * 32)
            load.send(signal: SIGINT)
            #expect(try socket.receiveToEnd() == [])
        }
        #expect(outcome.exitCode == 130)
        #expect(outcome.lines.contains { $0.hasPrefix("operations ") && $0.contains(" 4 in ") })
    }

    /// Killed outright, it cannot end its child: the child notices by itself.
    @Test func theStandInNodeDoesNotOutliveAKilledParent() throws {
        let load = try ChildProcess(["load", "--peers", "2", "--scenario", "hold", "--duration", "60"])
        let child = try Self.waitForChild(of: load.pid)
        load.send(signal: SIGKILL)
        #expect(try load.finish().signal == SIGKILL)
        let end = ContinuousClock.now + ChildProcess.patience
        while let status = Self.status(of: child), status.state != "Z" {
            if ContinuousClock.now >= end {
                kill(child, SIGKILL)
                Issue.record("the stand-in node outlived its parent")
                return
            }
            poll(nil, 0, 2)
        }
    }

    private static func waitForChild(of parent: pid_t) throws -> pid_t {
        let end = ContinuousClock.now + ChildProcess.patience
        while ContinuousClock.now < end {
            if let child = child(of: parent) { return child }
            poll(nil, 0, 2)
        }
        throw ChildProcess.Failure(description: "peerctl load started no child")
    }

    private static func child(of parent: pid_t) -> pid_t? {
        guard let folder = opendir("/proc") else { return nil }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = pid_t(name), status(of: number)?.parent == parent { return number }
        }
        return nil
    }

    /// State and parent of a process, `nil` when there is none.
    private static func status(of process: pid_t) -> (state: Substring, parent: pid_t)? {
        guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = fread(&buffer, 1, buffer.count, file)
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
        return (fields[0], parent)
    }
}
