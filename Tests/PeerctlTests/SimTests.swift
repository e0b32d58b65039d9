import TestSupport
import Testing

/// `peerctl sim`: the same output from any process, and the documented exit codes.
@Suite struct SimTests {
    @Test func twoProcessesPlayTheSameRun() throws {
        let arguments = ["sim", "--seed", "14", "--peers", "4", "--steps", "600", "--trace"]
        let first = try ChildProcess.run(arguments)
        let second = try ChildProcess.run(arguments)
        #expect(first.exitCode == 0)
        #expect(first.lines.count > 100)
        #expect(first.text == second.text)
    }

    @Test func manySeedsAreSummedUpInOneLineHoweverManyRunAtOnce() throws {
        let arguments = ["sim", "--seeds", "40", "--peers", "3", "--steps", "200", "--duration", "60", "--jobs"]
        let alone = try ChildProcess.run(arguments + ["1"])
        let together = try ChildProcess.run(arguments + ["4"])
        #expect(alone.exitCode == 0)
        #expect(alone.lines.count == 1)
        #expect(alone.text.hasPrefix("40 seeds from 1 on, 0 failed: "))
        #expect(alone.text == together.text)
    }

    @Test func theReportIsOneObjectOfJSON() throws {
        let outcome = try ChildProcess.run(["sim", "--seed", "3", "--steps", "200", "--peers", "2", "--json", "-"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.lines.count == 1)
        let start = #"{"schema":1,"seed":3,"seeds":1,"peers":2,"steps":200,"failed":0,"failures":[],"events":"#
        #expect(outcome.text.hasPrefix(start))
    }

    @Test func largeBlocksCross() throws {
        let outcome = try ChildProcess.run(["sim", "--crossing", "1000000"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.text.contains("two blocks of 1000000 bytes crossed two"))
    }

    @Test(arguments: [
        ["--seeds", "0"], ["--peers", "0"], ["--seeds", "2", "--trace"], ["--crossing", "1"], ["--json", ""],
        ["--seed", "-1"], ["--steps", "x"],
    ])
    func badUsageIsSaid(_ arguments: [String]) throws {
        let outcome = try ChildProcess.run(["sim"] + arguments)
        #expect(outcome.exitCode == 2)
        #expect(outcome.errorLines.count <= 2)
        #expect(outcome.text == "")
    }
}
