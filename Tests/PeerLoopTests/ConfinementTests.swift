import Foundation
import TestSupport
import Testing

/// A piece of a program that uses PeerLoop, given to the compiler.
struct Snippet: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String

    init(_ name: String, _ code: String) {
        testDescription = name
        self.code = code
    }

    /// Each takes what belongs to a loop elsewhere; `Confined` is what it takes.
    private static let escapes: [Snippet] = [
        Snippet("captured by a task", "func leak(_ x: Confined) { Task { use(x) } }"),
        Snippet("captured by a detached task", "func leak(_ x: Confined) { Task.detached { use(x) } }"),
        Snippet(
            "captured by a closure that any thread may call",
            "func leak(_ x: Confined) -> @Sendable () -> Void { { use(x) } }"),
        Snippet(
            "taken to another loop",
            "func leak(_ x: Confined, _ other: EventLoopHandle) { other.run { _ in use(x) } }"),
        Snippet(
            "scheduled on another loop",
            "func leak(_ x: Confined, _ other: EventLoopHandle) { other.schedule(after: .zero) { _ in use(x) } }"),
        Snippet(
            "taken to a worker",
            "func leak(_ x: Confined, _ pool: WorkerPool) async { await pool.run { use(x) } }"),
        Snippet("posted", "func leak(_ x: Confined, _ mailbox: Mailbox<Confined>) { mailbox.post(x) }"),
        Snippet("put on a lane", "func leak(_ x: Confined) { _ = Lane<Confined> { use($0) }.append(x) }"),
        Snippet(
            "kept behind a lock",
            "let kept = Mutex<Confined?>(nil)\nfunc leak(_ x: Confined) { kept.withLock { $0 = x } }"),
        Snippet("kept in a constant for all threads", "enum Kept { static let all: [Confined] = [] }"),
        Snippet(
            "sent to an actor",
            "actor Other { func take(_ x: Confined) {} }\n"
                + "func leak(_ x: Confined, _ other: Other) async { await other.take(x) }"),
    ]

    /// `escapes` for a type, and what hands one out of `submit`.
    private static func all(_ type: String, submitting body: String) -> [Snippet] {
        let submit = Snippet(
            "returned from submit",
            "func leak(_ h: EventLoopHandle, _ id: ConnectionID) async throws -> Confined {\n"
                + "try await h.submit \(body) }"
        )
        return (escapes + [submit]).map { snippet in
            Snippet(
                "\(type): \(snippet.testDescription)",
                """
                import PeerLoop
                import Synchronization
                typealias Confined = \(type)
                func use(_ x: Confined) {}
                \(snippet.code)
                """)
        }
    }

    static let refused =
        all("Connection", submitting: "{ $0.connection(id) ?? { fatalError() }() }")
        + all("EventLoop", submitting: "{ $0 }")
        + all("Listener", submitting: "{ $0.listener(id) ?? { fatalError() }() }")

    /// The same pieces with what may go anywhere, so that nothing else can be what the compiler refuses above.
    static let accepted =
        all("ConnectionID", submitting: "{ _ in id }") + all("EventLoopHandle", submitting: "{ $0.handle }")
}

/// That a connection stays on its loop is the compiler's to prove: programs that take one elsewhere must not compile.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Compiler.isHere, Comment(rawValue: Compiler.unavailable)))
struct ConfinementTests {
    @Test(arguments: Snippet.refused) func whatBelongsToALoopDoesNotLeaveIt(_ snippet: Snippet) async throws {
        let errors = try await Compiler.errors(in: snippet.code)
        try #require(!errors.isEmpty, "it compiles")
        for error in errors {
            let isAboutThreads = ["Sendable", "sending", "data race"].contains { error.contains($0) }
            #expect(isAboutThreads, "\(error)")
        }
    }

    @Test(arguments: Snippet.accepted) func whatMayGoAnywhereDoes(_ snippet: Snippet) async throws {
        #expect(try await Compiler.errors(in: snippet.code) == [])
    }
}

/// The compiler that built these tests, and the modules that it built with them.
enum Compiler {
    static let unavailable = "swiftc is not in PATH, or the modules of this build are not beside the tests"

    private static let path: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private static let modules: URL? = {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("Modules")
        let isHere = FileManager.default.fileExists(
            atPath: folder.appendingPathComponent("PeerLoop.swiftmodule").path)
        return isHere ? folder : nil
    }()

    static var isHere: Bool { path != nil && modules != nil }

    /// The lines in which the compiler says what is wrong, none when the program is sound.
    static func errors(in code: String) async throws -> [String] {
        let path = try #require(path)
        let modules = try #require(modules)
        let shim = SharedData.packageRoot.appendingPathComponent("Sources/CEpollShim/include")
        // What may be sent where is found out behind the type checker, on the way to machine code.
        let arguments = [
            "-emit-sil", "-o", "/dev/null", "-module-name", "Snippet", "-parse-as-library", "-swift-version", "6",
            "-diagnostic-style", "llvm", "-I", modules.path, "-I", shim.path, "-",
        ]
        let (status, output) = try await runBlocking {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            let input = Pipe()
            let output = Pipe()
            process.standardInput = input
            process.standardOutput = output
            process.standardError = output
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data(code.utf8))
            try input.fileHandleForWriting.close()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }
        let errors = output.split(separator: "\n").filter { $0.contains("error:") }.map(String.init)
        // Whatever else went wrong is an error, too.
        return status != 0 && errors.isEmpty ? ["error: \(output)"] : errors
    }
}
