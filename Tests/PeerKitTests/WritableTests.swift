import PeerKit
import Synchronization
import TestSupport
import Testing

/// What the listeners of a node saw.
private final class Watch: Sendable {
    let isFull = Atomic(false)
    /// One element for each `onWritable`.
    let writable: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (writable, continuation) = AsyncStream.makeStream() }

    func tellWritable() { continuation.yield() }
}

@Suite(.timeLimit(.minutes(5))) struct WritableTests {
    /// Pongs fill the queue too, and nobody queued them: whoever finds it full because of them alone is told when it
    /// is not any more.
    @Test(arguments: [1, 10_000]) func fullByPongsAlone(_ highMark: Int) async throws {
        let watch = Watch()
        var configuration = PeerConfiguration(network: .regtest)
        configuration.sendQueueHighMark = highMark
        configuration.postponedByteCap = 1 << 30
        // No ping of the node's own among the pongs.
        configuration.pingInterval = .seconds(365 * 86_400)
        // Not a ping: those wait while the queue is full.
        configuration.listeners.onSendHeaders = { peer in
            if !peer.isWritable { watch.isFull.store(true, ordering: .relaxed) }
        }
        configuration.listeners.onWritable = { _ in watch.tellWritable() }
        let node = try PeerNode(configuration)
        let address = try await node.listen(on: "127.0.0.1:0").address

        // Nothing is read until the queue is full: the kernel's buffers first, then the node's.
        let socket = try BlockingSocket(port: address.port, receiveBuffer: 4_096)
        func frame(_ message: Message) throws -> [UInt8] { try message.frame(magic: Network.regtest.magic) }
        try socket.send(frame(.version(VersionMessage(services: [], timestamp: 0, nonce: 7, userAgent: .empty))))
        try socket.send(frame(.verack))
        let batch = try [[UInt8]](repeating: frame(.ping(nonce: 1)), count: 500).flatMap { $0 } + frame(.sendHeaders)
        var pings = 0
        while !watch.isFull.load(ordering: .relaxed) {
            try socket.send(batch)
            pings += 500
        }

        let greeting = try socket.receive(exactly: 24)
        let versionLength = (0..<4).reduce(0) { $0 | Int(greeting[16 + $1]) << (8 * $1) }
        let rest = versionLength + 2 * 24 + pings * (try frame(.pong(nonce: 1)).count)
        var read = 0
        while read < rest { read += try socket.receive(upTo: min(1 << 20, rest - read)).count }
        for await _ in watch.writable { break }
        socket.close()
        await node.shutdown()
    }
}
