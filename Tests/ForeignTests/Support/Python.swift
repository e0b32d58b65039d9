import Foundation
import TestSupport

/// The Python programs beside these tests, and what runs them.
enum Python {
    private static let folder = SharedData.packageRoot.appendingPathComponent("Tests/ForeignTests/Python")

    /// `python3` of this machine, wherever it is.
    private static let interpreter: String? = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let places = path.split(separator: ":").map { "\($0)/python3" }
        guard let found = places.first(where: FileManager.default.isExecutableFile) else { return nil }
        // What is found may be a script that looks for the interpreter each time.
        let child = try? ChildProcess(program: [found, "-c", "import sys; print(sys.executable)"], name: "python3")
        return try? child?.line()
    }()

    /// The virtual environment that the Makefile makes; its stamp is there only when all of it is.
    private static let environment = SharedData.packageRoot.appendingPathComponent(".build/python")

    /// True when there is a `python3`.
    static let isAvailable = interpreter != nil
    /// What a skipped test says.
    static let unavailable = "python3 is not on this machine"

    /// True when python-bitcoinlib was installed.
    static let hasBitcoinlib = FileManager.default.fileExists(
        atPath: environment.appendingPathComponent("installed").path)
    /// What a skipped test says.
    static let bitcoinlibUnavailable =
        "python-bitcoinlib is not in .build/python; 'make python' puts it there"

    /// The words that start the independent peer.
    static func agent() throws -> [String] {
        guard let interpreter else { throw ChildProcess.Failure(description: unavailable) }
        return [interpreter, "-B", folder.appendingPathComponent("agent.py").path]
    }

    /// The words that start the peer made of python-bitcoinlib.
    static func bitcoinlibAgent() -> [String] {
        let interpreter = environment.appendingPathComponent("bin/python").path
        return [interpreter, "-B", folder.appendingPathComponent("bitcoinlib_agent.py").path]
    }
}
