import ArgumentParser
import Glibc

/// Parses, runs and ends with the documented exit codes: 0 good, 1 a failed check, 2 bad usage, 130 interrupted.
@main
enum Main {
    /// Not `async`: the signals must be blocked on the first thread, before there is another, so that all inherit it
    /// and only the thread that waits for signals takes them.
    static func main() {
        Interruption.blockSignals()
        let arguments = Array(CommandLine.arguments.dropFirst())
        Task.detached { exit(await run(arguments)) }
        // Not `dispatchMain`, which lets a thread of its own take every signal.
        while true { pause() }
    }

    private nonisolated static func run(_ arguments: [String]) async -> Int32 {
        do {
            let command = try Peerctl.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            return 0
        } catch let error as CommandFailure {
            if !error.message.isEmpty { Output.error(error.message) }
            return error.exitCode
        } catch {
            return report(error, of: arguments.first)
        }
    }

    /// What the argument parser throws: help and version go to stdout, mistakes to stderr in one line.
    private nonisolated static func report(_ error: any Error, of command: String?) -> Int32 {
        if Peerctl.exitCode(for: error) == .success {
            Output.line(Peerctl.fullMessage(for: error))
            return 0
        }
        if Peerctl.exitCode(for: error) == .validationFailure {
            let names = Peerctl.configuration.subcommands.map { $0._commandName }
            let helpCommand = command.map { names.contains($0) ? "peerctl \($0)" : "peerctl" } ?? "peerctl"
            let text = Peerctl.message(for: error).split(separator: "\n").joined(separator: " ")
            Output.error("\(text) (see '\(helpCommand) --help')")
            return 2
        }
        Output.error("\(error)")
        return 1
    }
}

struct Peerctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerctl",
        abstract: "Load-tests Bitcoin Cash nodes, and stands in for one.",
        version: "peerctl 0.1.0",
        subcommands: [Load.self, Serve.self, Connect.self, Decode.self, Sim.self])
}
