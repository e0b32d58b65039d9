import PeerKit
import Synchronization
import TestSupport
import Testing

/// Ten thousand connections come and go in every way, and leave nothing behind.
@Suite(
    "Connects and disconnects", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)), .serialized,
    .timeLimit(.minutes(3)))
struct LeakTests {
    /// Connections that the foreign peer makes and ends, in eight ways.
    private static let inbound = 6_000
    /// Connections that the node makes and that end with a goodbye, half of them this node's.
    private static let outbound = 2_000
    /// Dials that nobody answers, and such as are ended before the handshake is done.
    private static let failed = 2_000

    /// What is left of the peers of a node.
    private final class Book: Sendable {
        struct Weak: Sendable {
            weak var peer: Peer?
        }

        let ends = Atomic<Int>(0)
        let peers: AsyncStream<Weak>
        private let continuation: AsyncStream<Weak>.Continuation

        init() {
            (peers, continuation) = AsyncStream.makeStream()
        }

        var listeners: MessageListeners {
            var listeners = MessageListeners()
            listeners.onDisconnect = { peer, _ in
                self.continuation.yield(Weak(peer: peer))
                self.ends.wrappingAdd(1, ordering: .relaxed)
            }
            return listeners
        }

        func finish() { continuation.finish() }
    }

    @Test("leave no descriptor, thread, timer or memory behind") func nothingIsLeft() async throws {
        let book = Book()
        let other = Book()
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with({ $0.listeners = book.listeners }) { rig in
                try await ForeignRig.with({ $0.listeners = other.listeners }) { target in
                    try await comeAndGo(rig, target, foreign, book, share: 10)
                    let before = try ProcessCounts.now()
                    let begin = ContinuousClock.now
                    try await comeAndGo(rig, target, foreign, book, share: 1)
                    print("10,000 connections in \(begin.duration(to: .now))")
                    try await expectSame(before)
                    #expect(rig.node.statistics.connectedPeers == 0 && target.node.statistics.connectedPeers == 0)
                }
            }
        }
        book.finish()
        other.finish()
        for left in [book, other] {
            for await entry in left.peers { #expect(entry.peer == nil) }
        }
    }

    @Test("and nodes that are shut down leave none either") func nodesLeaveNothing() async throws {
        func run(_ count: Int) async throws {
            for number in 0..<count {
                try await ForeignPeer.with { foreign in
                    try await ForeignRig.with { rig in
                        _ = try await rig.shakenPeer(number % 2 == 0 ? .accepting : .dialling, foreign)
                    }
                    try await foreign.close()
                }
            }
        }
        try await run(10)
        let before = try ProcessCounts.now()
        try await run(100)
        try await expectSame(before)
    }

    /// One part in `share` of the whole.
    private func comeAndGo(
        _ rig: ForeignRig, _ target: ForeignRig, _ foreign: ForeignPeer, _ book: Book, share: Int
    ) async throws {
        let ends = book.ends.load(ordering: .relaxed)
        try await foreign.order("churn", ["port": .number(Int(rig.port)), "count": .number(Self.inbound / share)])
        try await until(book.ends, ends + Self.inbound / share)
        for number in 0..<Self.outbound / share {
            let peer = try await rig.node.connect(to: target.server.address)
            if number % 2 == 0 { try await peer.send(.sendHeaders) }
            peer.disconnect()
            try await until(book.ends, ends + Self.inbound / share + number + 1)
        }
        // Nobody listens on a port that was given back.
        let closed = try BlockingListener().port
        for _ in 0..<Self.failed / share / 2 {
            await #expect(throws: NodeError.self) { try await rig.node.connect(to: ForeignRig.loopback(closed)) }
        }
        let listener = try BlockingListener()
        for number in 0..<Self.failed / share / 2 {
            let dial = Task { try await rig.node.connect(to: ForeignRig.loopback(listener.port)) }
            let client = try listener.accept()
            if number % 2 == 0 { client.reset() } else { client.close() }
            await #expect(throws: NodeError.self) { try await dial.value }
        }
    }

    private func until(_ count: borrowing Atomic<Int>, _ wanted: Int) async throws {
        while count.load(ordering: .relaxed) < wanted {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// What the last of them held may take a moment to go.
    private func expectSame(_ before: ProcessCounts) async throws {
        var now = try ProcessCounts.now()
        let end = ContinuousClock.now + .seconds(20)
        while now.descriptors > before.descriptors || now.threads > before.threads, ContinuousClock.now < end {
            await Task.yield()
            now = try ProcessCounts.now()
        }
        print("before: \(before)\nafter:  \(now)")
        #expect(now.descriptors <= before.descriptors)
        #expect(now.threads <= before.threads)
        // 10,000 peers that stayed would take 15 MB at the least; what the books here write down is 16 bytes for each.
        let growth = now.residentBytes - before.residentBytes
        #expect(growth < 10 << 20 || !ResidentMemory.isTelling, "\(growth >> 10) KiB more after 10,000 connections")
    }
}
