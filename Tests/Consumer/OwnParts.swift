import PeerKit
import Synchronization

/// A transport of the user's own, around one end of a pair in memory.
final class CountingTransport: ByteTransport {
    private let inner: MemoryTransport
    private let readCount = Atomic<Int>(0)
    private let writtenCount = Atomic<Int>(0)

    init(_ inner: MemoryTransport) { self.inner = inner }

    var counts: [Int] { [readCount.load(ordering: .relaxed), writtenCount.load(ordering: .relaxed)] }

    func start(_ readiness: TransportReadiness) { inner.start(readiness) }

    func read(into buffer: inout OutputRawSpan) -> TransportRead {
        let before = buffer.byteCount
        let outcome: TransportRead = inner.read(into: &buffer)
        readCount.add(buffer.byteCount - before, ordering: .relaxed)
        return outcome
    }

    func write(_ bytes: RawSpan) -> TransportWrite {
        let outcome = inner.write(bytes)
        if case .taken(let count) = outcome { writtenCount.add(count, ordering: .relaxed) }
        return outcome
    }

    func shutDownWriting() { inner.shutDownWriting() }
    func close() { inner.close() }
}

/// A message of the user's own.
struct Greeting: CustomMessage {
    static let command = Command(literal: "greeting")
    static let maximumPayload = 64
    var text: [UInt8]

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> Greeting {
        Greeting(text: try span.readBytes(at: &offset, maximum: 63, "text"))
    }

    var encodedLength: Int { CompactSize.encodedLength(text.count) + text.count }

    func encode(into writer: inout ByteWriter) {
        writer.writeCount(text.count)
        writer.writeBytes(text)
    }
}

/// Two peers of one node, on a connection that the user made.
func ownParts() async throws {
    let journal = Journal()
    var logger = Logger(label: "consumer")
    logger.logLevel = .notice
    var configuration = PeerConfiguration(network: .regtest)
    configuration.logger = logger
    configuration.allowsSelfConnections = true
    configuration.resolveHost = { host in [try SocketAddress("127.0.0.1", defaultPort: host.port)] }
    configuration.ownAddress = NetworkAddress("203.0.113.9:8333")
    try configuration.messageRegistry.register(Greeting.self)
    configuration.listeners.on(Greeting.self) { _, greeting in journal.note("greeting of \(greeting.text.count)") }
    configuration.listeners.onRead = { (_: Peer, event: ReadEvent) in _ = event.refusal }
    configuration.listeners.onWrite = { (_: Peer, event: WriteEvent) in _ = event.outcome == .sent }
    let node = try PeerNode(configuration)

    let (left, right) = MemoryTransport.pair()
    let transport = CountingTransport(left)
    let outbound = Peer(outbound: node)
    let inbound = Peer(inbound: node)
    try check(outbound.attach(transport) && inbound.attach(right), "a transport was refused")
    try check(!outbound.attach(MemoryTransport.pair().0), "a second transport was taken")
    try await outbound.handshaken()
    try await inbound.handshaken()
    try check(transport.counts.allSatisfy { $0 > 0 }, "the transport was not used")
    outbound.queue(.custom(Greeting(text: [1, 2, 3])))
    let outcome: BroadcastOutcome = await node.outcome(ofBroadcasting: .ping(nonce: 1))
    try check(outcome.takenCount == 2 && outcome.refused.isEmpty, "a broadcast did not reach all")
    try await journal.wait(for: ["greeting of 3"])

    do throws(SystemError) {
        try Peer(inbound: node).attach(adopting: -1)
        throw SystemError(.adopt, code: 0)
    } catch {
        try check(error.code != 0, "a descriptor that is none was taken")
    }
    outbound.disconnect()
    await inbound.waitForDisconnect()
    try await node.listen(on: "127.0.0.1:0")
    await node.shutdown(within: .seconds(5))
}
