import Foundation
import TestSupport

/// `peerctl` as a child of the test.
extension ChildProcess {
    /// Starts `peerctl` with arguments. `input` is what it reads on stdin, which ends after it; with `nil` stdin stays
    /// open, and empty, until ``closeInput()``. `launcher` is a program, by its path, that starts `peerctl` in its
    /// place.
    convenience init(_ arguments: [String], input bytes: [UInt8]? = [], launcher: [String] = []) throws {
        try self.init(program: launcher + [try Self.executable()] + arguments, input: bytes, name: "peerctl")
    }

    /// Runs `peerctl` to its end.
    static func run(_ arguments: [String], input: some Sequence<UInt8> = []) throws -> Outcome {
        try ChildProcess(arguments, input: Array(input)).finish()
    }

    /// `peerctl` of the same build: it lies beside the program that runs the tests, whatever folder that is.
    private static func executable() throws -> String {
        let this = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let programs = [this, CommandLine.arguments.first].compactMap { $0 }
        var folders = programs.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        folders.append(SharedData.packageRoot.appendingPathComponent(".build/debug"))
        let paths = folders.map { $0.appendingPathComponent("peerctl").path }
        if let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) { return path }
        throw Failure(description: "no peerctl in \(paths.joined(separator: ", ")); 'swift build' makes it")
    }
}
