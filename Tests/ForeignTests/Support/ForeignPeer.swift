import Dispatch
import Foundation
import TestSupport

/// A peer written in another language, as a child process that is told what to do one order after another.
///
/// Its calls block, on a thread of its own, so that no task's thread is held.
actor ForeignPeer {
    /// An order it could not carry out.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A frame as the other program understood it.
    struct Heard: Sendable {
        let command: String
        /// In hexadecimal, where it was told.
        let payload: String?
        let fields: JSON

        init(_ json: JSON) {
            command = json["command"]?.text ?? ""
            payload = json["payload"]?.text
            fields = json["fields"] ?? [:]
        }
    }

    private let executor = QueueExecutor()
    private let child: ChildProcess

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Starts the independent peer, or another program with the same orders.
    init(_ program: [String]? = nil) throws {
        child = try ChildProcess(program: program ?? Python.agent(), input: nil, name: "the foreign peer")
    }

    /// Runs `body` with an independent peer. One that served without a failure serves again: starting it takes longer
    /// than most of what is asked of it.
    static func with(_ body: (ForeignPeer) async throws -> Void) async throws {
        let peer = try await Idle.shared.take() ?? ForeignPeer()
        try await body(peer)
        await Idle.shared.giveBack(peer)
    }

    private actor Idle {
        static let shared = Idle()
        private var peers: [ForeignPeer] = []

        func take() -> ForeignPeer? { peers.popLast() }
        func giveBack(_ peer: ForeignPeer) { peers.append(peer) }
    }

    /// Has an order carried out.
    @discardableResult
    func order(_ name: String, _ members: [String: JSON] = [:]) throws -> JSON {
        let order = JSON.object(members.merging(["do": .text(name)]) { $1 })
        child.write([UInt8](try JSONEncoder().encode(order)) + [0x0a])
        let answer = try JSONDecoder().decode(JSON.self, from: Data(try child.line().utf8))
        if let error = answer["error"]?.text { throw Failure(description: "\(name): \(error)") }
        return answer
    }

    func dial(_ port: UInt16, on name: String? = nil) throws {
        try order("dial", members(name).merging(["port": .number(Int(port))]) { $1 })
    }

    /// Listens on a port of its own.
    func listen() throws -> UInt16 {
        guard let port = try order("listen")["port"]?.number else { throw Failure(description: "no port") }
        return UInt16(port)
    }

    func accept(on name: String? = nil) throws {
        try order("accept", members(name))
    }

    /// Writes frames in one piece.
    func say(_ frames: [JSON], on name: String? = nil) throws {
        try order("say", members(name).merging(["frames": .list(frames)]) { $1 })
    }

    func say(_ command: String, _ fields: JSON = [:]) throws {
        try say([["command": .text(command), "fields": fields]])
    }

    /// The next so many frames, fewer when the stream ends before.
    func hear(_ count: Int = 1, on name: String? = nil) throws -> [Heard] {
        try frames(in: order("hear", members(name).merging(["count": .number(count)]) { $1 }))
    }

    /// The frames up to the next of a command, this one included.
    func hear(until command: String, on name: String? = nil) throws -> [Heard] {
        try frames(in: order("until", members(name).merging(["command": .text(command)]) { $1 }))
    }

    /// The next frame, which has to be of this command.
    @discardableResult
    func hear(_ command: String) throws -> Heard {
        let heard = try hear(1)
        guard let first = heard.first, first.command == command else {
            throw Failure(description: "\(heard.map(\.command)) came instead of \(command)")
        }
        return first
    }

    /// All that comes until the stream ends, and how it ends: `end` in good order, `cut` amid a frame, or `reset`.
    func drain(on name: String? = nil) throws -> (frames: [Heard], end: String) {
        let answer = try order("drain", members(name))
        return (try frames(in: answer), answer["end"]?.text ?? "")
    }

    /// Compares what comes, byte for byte, with how the other program writes it.
    func expect(_ frames: [JSON], on name: String? = nil) throws {
        try order("expect", members(name).merging(["frames": .list(frames)]) { $1 })
    }

    func close(on name: String? = nil) throws {
        try order("close", members(name))
    }

    private func members(_ name: String?) -> [String: JSON] {
        name.map { ["on": .text($0)] } ?? [:]
    }

    private func frames(in answer: JSON) throws -> [Heard] {
        (answer["frames"]?.list ?? []).map(Heard.init)
    }
}

/// Runs the jobs of one actor on a queue, whose threads may block.
private final class QueueExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "foreign peer")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
