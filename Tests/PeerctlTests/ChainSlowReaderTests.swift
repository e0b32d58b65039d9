import Glibc
import PeerKit
import Synchronization
import TestSupport
import Testing

@testable import peerctl

/// What a serving node did, seen after each of its listeners: nothing else queues messages.
private final class Watch: Sendable {
    /// Most bytes that waited to be sent.
    let mostPending = Atomic(0)
    let writableCount = Atomic(0)
    /// A `getdata` was looked at.
    let isAsked = Event()
    let isDisconnected = Event()

    func note(_ peer: Peer) {
        mostPending.max(peer.statistics.pendingByteCount, ordering: .relaxed)
    }
}

/// A node that serves a chain, and a peer of it that reads when the test does.
private struct SlowReader {
    static let highMark = 128 << 10

    let chain: ServedChain
    let server: ChainServer
    let watch = Watch()
    let node: PeerNode
    let socket: BlockingSocket

    init(blocks: Int, blockSize: Int) async throws {
        chain = try makeChain(blocks, size: blockSize)
        server = ChainServer(chain)
        var configuration = PeerConfiguration(network: .regtest)
        configuration.sendQueueHighMark = Self.highMark
        // Raised to what a block needs.
        configuration.sendQueueByteCap = 1
        server.install(in: &configuration)
        let listeners = configuration.listeners
        configuration.listeners.onGetData = { [watch] peer, request in
            listeners.onGetData?(peer, request)
            watch.note(peer)
            watch.isAsked.happen()
        }
        configuration.listeners.onWritable = { [watch] peer in
            listeners.onWritable?(peer)
            watch.note(peer)
            watch.writableCount.wrappingAdd(1, ordering: .relaxed)
        }
        configuration.listeners.onDisconnect = { [watch] peer, reason in
            listeners.onDisconnect?(peer, reason)
            watch.isDisconnected.happen()
        }
        node = try PeerNode(configuration)
        let address = try await node.listen(on: "127.0.0.1:0").address
        socket = try BlockingSocket(port: address.port, receiveBuffer: 16 << 10)
        try send(.version(VersionMessage(services: [], timestamp: 0, nonce: 7, userAgent: .empty)))
        try send(.verack)
    }

    func send(_ message: Message) throws {
        try socket.send(try message.frame(magic: Network.regtest.magic))
    }

    /// The next frame, header and all, that is no ping: these come when it is their time. `nil` at the end of the
    /// stream.
    func nextFrame() throws -> [UInt8]? {
        while true {
            let header = try socket.receive(exactly: 24)
            if header.isEmpty { return nil }
            try #require(header.count == 24)
            let length = (0..<4).reduce(0) { $0 | Int(header[16 + $1]) << (8 * $1) }
            let payload = try socket.receive(exactly: length)
            if Array(header[4..<9]) != Array("ping\0".utf8) { return header + payload }
        }
    }

    /// How many frames come until the stream ends in order or by a reset, as it does where input was left unread.
    func countFramesToTheEnd() throws -> Int {
        var count = 0
        do {
            while try nextFrame() != nil { count += 1 }
        } catch let failure as BlockingSocket.Failure where failure.code == ECONNRESET {
            // Told of once only: by a send that was under way, or else here.
        }
        return count
    }

    /// Until the peer has been given as much as there is room for, and the rest waits.
    func waitUntilServed() async throws {
        await watch.isAsked.wait()
        // None while it is being served.
        while server.waitingPeerCount != 1 {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    func skipHandshake() throws {
        for command in ["version", "sendaddrv2", "verack"] {
            let frame = try #require(try nextFrame())
            #expect(Array(frame[4..<(4 + command.utf8.count)]) == Array(command.utf8))
        }
    }

    var everyBlock: [InventoryVector] { chain.entries.map { .block($0.hash) } }
}

@Suite(.timeLimit(.minutes(5))) struct ChainSlowReaderTests {
    @Test func queueStaysBoundedAndEverythingArrives() async throws {
        let reader = try await SlowReader(blocks: 120, blockSize: 100_000)
        try reader.send(.getData(reader.everyBlock))
        // 12 MB do not fit in any socket's buffers.
        try await reader.waitUntilServed()

        try reader.skipHandshake()
        for entry in reader.chain.entries { try #require(try reader.nextFrame() == entry.frame.bytes) }
        try reader.send(.getHeaders(locator: []))
        #expect(try reader.nextFrame()?.count == 24 + 1)
        #expect(reader.server.waitingPeerCount == 0)

        let most = reader.watch.mostPending.load(ordering: .relaxed)
        #expect(most > SlowReader.highMark)
        // The session's own ping may come on top.
        #expect(most <= SlowReader.highMark + reader.chain.largestFrameByteCount + 32)
        #expect(reader.watch.writableCount.load(ordering: .relaxed) > 10)
        reader.socket.close()
        await reader.node.shutdown()
    }

    /// Requests that come while others wait are answered after them, in order.
    @Test func requestsWaitTheirTurn() async throws {
        let reader = try await SlowReader(blocks: 100, blockSize: 100_000)
        try reader.send(.getData(reader.everyBlock))
        for height in 0..<200 { try reader.send(.getHeaders(locator: [reader.chain.entries[height % 100].hash])) }
        try reader.send(.getData([.block(ChainServedTests.unknown)]))
        try reader.skipHandshake()
        for entry in reader.chain.entries { try #require(try reader.nextFrame() == entry.frame.bytes) }
        for height in 0..<200 {
            let headers = reader.chain.headers(
                for: GetHeadersMessage(locator: [reader.chain.entries[height % 100].hash]))
            #expect(try reader.nextFrame() == (try Message.headers(headers).frame(magic: Network.regtest.magic)))
        }
        let missing = Message.notFound([.block(ChainServedTests.unknown)])
        #expect(try reader.nextFrame() == (try missing.frame(magic: Network.regtest.magic)))
        reader.socket.close()
        await reader.node.shutdown()
    }

    @Test func askingOnAndOnDisconnects() async throws {
        let reader = try await SlowReader(blocks: 100, blockSize: 100_000)
        try reader.send(.getData(reader.everyBlock))
        await reader.watch.isAsked.wait()
        // More than the server and the session let wait together, in requests that are read at once.
        let unknown = InventoryVector.block(ChainServedTests.unknown)
        let request = try Message.getData([InventoryVector](repeating: unknown, count: 1_800))
            .frame(magic: Network.regtest.magic)
        for _ in 0..<100 { try? reader.socket.send(request) }
        try reader.skipHandshake()
        #expect(try reader.countFramesToTheEnd() < reader.chain.entries.count)
        reader.socket.close()
        await reader.watch.isDisconnected.wait()
        #expect(reader.server.waitingPeerCount == 0)
        await reader.node.shutdown()
    }

    /// With nothing waiting, the largest request there is is answered.
    @Test func oneWholeRequestIsTaken() async throws {
        let reader = try await SlowReader(blocks: 1, blockSize: 1_000)
        try reader.skipHandshake()
        let unknown = InventoryVector.block(ChainServedTests.unknown)
        let items = [InventoryVector](repeating: unknown, count: 50_000)
        try reader.send(.getData(items))
        #expect(try reader.nextFrame() == (try Message.notFound(items).frame(magic: Network.regtest.magic)))
        reader.socket.close()
        await reader.node.shutdown()
    }

    @Test func whatWaitsIsForgottenWithThePeer() async throws {
        let reader = try await SlowReader(blocks: 100, blockSize: 100_000)
        try reader.send(.getData(reader.everyBlock))
        try await reader.waitUntilServed()
        reader.socket.reset()
        await reader.watch.isDisconnected.wait()
        #expect(reader.server.waitingPeerCount == 0)
        await reader.node.shutdown()
    }
}
