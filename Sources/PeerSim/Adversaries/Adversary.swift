import DequeModule
import PeerSession
import PeerWire

/// An end of a connection that speaks bytes, not the protocol: it has no session and no shame.
final class Adversary: Endpoint {
    let id: Int32
    let kind: AdversaryKind
    let end: Int
    let simulation: Simulation
    let connection: SimConnection
    let magic: UInt32
    /// How many times floods and storms repeat, and how much at once.
    let scale: AdversaryScale
    var random: SimulationRandom
    private(set) var victim: SimPeer?
    private(set) var sawReject: Command?
    private(set) var isGone = false

    private var decoder: FrameDecoder
    private var output = Deque<[UInt8]>()
    private var outputOffset = 0
    private var hasVersion = false
    private var hasVerack = false
    private var hasAttacked = false
    private var rounds = 0
    private var trickled: [UInt8] = []

    init(
        _ kind: AdversaryKind, scale: AdversaryScale, magic: UInt32, on connection: SimConnection, end: Int,
        simulation: Simulation, random: SimulationRandom
    ) {
        self.kind = kind
        self.scale = scale
        self.magic = magic
        self.connection = connection
        self.end = end
        self.simulation = simulation
        self.random = random
        id = connection.ends[end]
        decoder = FrameDecoder(magic: magic)
        connection.logs[end].end()
    }

    // MARK: Transport

    func connected() {
        victim = simulation.endpoints[Int(connection.ends[1 - end])] as? SimPeer
        switch kind {
        case .silentAfterConnect: break
        case .verackFirst: send(.verack)
        case .otherMagic: write(frame(.verack, magic: ~magic))
        default: send(.version(makeVersion()))
        }
        if kind == .earlyPing { send(.ping(nonce: 1)) }
        if kind == .closesAtOnce { leave(abruptly: false) }
    }

    func connectFailed(timedOut: Bool) { isGone = true }

    func readable() {
        guard !isGone else { return }
        if hasAttacked, kind == .neverReads || kind == .stopsReading || kind == .readsSlowly { return }
        readAll(upTo: .max)
    }

    private func readAll(upTo limit: Int) {
        var left = limit
        while left > 0, connection.pipes[1 - end].unreadByteCount > 0 {
            var input: [UInt8] = []
            let count = simulation.read(upTo: min(left, 1 << 16), from: connection, end: end, into: &input)
            left -= count
            take(input)
            if isGone { return }
        }
        let pipe = connection.pipes[1 - end]
        if pipe.isEndArrived || pipe.isResetArrived { leave(abruptly: false) }
    }

    func writable() { flush() }

    private func flush() {
        while !isGone, let first = output.first {
            let taken = simulation.write(first, from: outputOffset, to: connection, end: end)
            if taken == 0 { return }
            outputOffset += taken
            if outputOffset < first.count { return }
            output.removeFirst()
            outputOffset = 0
        }
    }

    private func leave(abruptly: Bool) {
        guard !isGone else { return }
        isGone = true
        output.removeAll()
        simulation.close(connection, end: end, abruptly: abruptly)
        simulation.endpoints[Int(id)] = nil
    }

    /// Leaves, if it is still there.
    func give() { leave(abruptly: true) }

    // MARK: Frames

    private func write(_ bytes: [UInt8]) {
        output.append(bytes)
        flush()
    }

    private func frame(_ message: Message, magic: UInt32) -> [UInt8] { (try? message.frame(magic: magic)) ?? [] }

    private func send(_ message: Message) { write(frame(message, magic: magic)) }

    private func makeVersion() -> VersionMessage {
        VersionMessage(
            services: [.network, .bitcoinCash, .bloom], timestamp: simulation.wallTime, nonce: random.next() | 1,
            userAgent: UserAgent(bytes: Array("/adversary/".utf8)))
    }

    private func header(_ command: Command, length: Int, checksum: UInt32 = 0) -> [UInt8] {
        var writer = ByteWriter(capacity: Frame.headerByteCount)
        writer.writeUInt32(magic)
        writer.writeBytes(command.bytes)
        writer.writeUInt32(UInt32(truncatingIfNeeded: length))
        writer.writeUInt32(checksum)
        return writer.finish()
    }

    // MARK: Reading

    private func take(_ input: [UInt8]) {
        var offset = 0
        var limits = WireLimits()
        limits.blockLikePayloadCap = .max
        while !isGone {
            // What the node sends is well formed, or the node's own checks have failed already.
            guard
                let message = try? decoder.nextMessage(
                    in: input.span.bytes, at: &offset, limits: limits, phase: .established)
            else { return }
            take(message)
        }
    }

    private func take(_ message: Message) {
        switch message {
        case .version:
            hasVersion = true
            if kind != .silentAfterVersion, kind != .silentAfterConnect, kind != .earlyPing { send(.verack) }
        case .verack: hasVerack = true
        case .reject(let reject): sawReject = reject.command
        case .ping(let nonce?) where kind.answersAfterwards && kind != .neverPongs: send(.pong(nonce: nonce))
        case .getHeaders where kind.answersAfterwards: send(.headers([]))
        case .getData(let list) where kind.answersAfterwards: send(.notFound(list.items))
        default: break
        }
        if hasVersion, hasVerack, !hasAttacked {
            hasAttacked = true
            attack()
        }
    }

    // MARK: Attacks

    private func attack() {
        switch kind {
        case .verackFirst, .otherMagic, .earlyPing, .silentAfterConnect, .silentAfterVersion, .silentAfterVerack,
            .closesAtOnce:
            break
        case .duplicateVersion: send(.version(makeVersion()))
        case .duplicateVerack: send(.verack)
        case .silentMidHeader: write(Array(header(.inventory, length: 0).prefix(1 + random.below(23))))
        case .silentMidPayload, .lengthNeverSent:
            let length = kind == .silentMidPayload ? 1_000 : 100_000
            write(header(Command(literal: "sim"), length: length) + [UInt8](repeating: 1, count: random.below(1_000)))
        case .trickle:
            trickled = header(Command(literal: "sim"), length: 4_000) + [UInt8](repeating: 2, count: 4_000)
            move()
        case .lengthOverLimit: write(header(.ping, length: 1_000_000))
        case .checksumError:
            write(header(.inventory, length: 37, checksum: 1) + [UInt8](repeating: 0, count: 37))
        case .malformedPayload:
            let payload: [UInt8] = [200, 1, 2, 3]
            write(
                header(.inventory, length: payload.count, checksum: SHA256d.checksum(payload.span.bytes)) + payload)
        case .bloomWithoutService:
            send(
                .filterLoad(
                    FilterLoadMessage(filter: [1, 2, 3], hashFunctionCount: 1, tweak: 0, flags: .updateNone)))
        case .resetsMidFrame:
            write(Array(header(.inventory, length: 0).prefix(10)))
            simulation.events.schedule(.move, of: id, at: simulation.now + .seconds(1))
        case .unknownFlood, .pongWithoutPing, .inventoryStorm, .addressFlood, .getDataFlood, .neverReads,
            .impossibleFee, .neverPongs, .stopsReading, .readsSlowly:
            move()
        case .halfCloses: simulation.shut(connection, end: end)
        }
    }

    func take(_ event: ScheduledEvent) {
        if event.kind == .move { move() }
    }

    /// The next of several moves.
    private func move() {
        guard !isGone else { return }
        rounds += 1
        switch kind {
        case .trickle:
            guard let byte = trickled.first else { return }
            trickled.removeFirst()
            write([byte])
            again(after: .seconds(1))
        case .resetsMidFrame: leave(abruptly: true)
        case .unknownFlood:
            for _ in 0..<scale.repeats { send(.unknown(Command(literal: "noise"), [1, 2, 3])) }
        case .pongWithoutPing:
            send(.pong(nonce: random.next()))
            if rounds < 20 { again(after: .seconds(1)) }
        case .inventoryStorm:
            send(.inventory((0..<scale.itemCount).map { _ in .transaction(randomHash()) }))
            if rounds < scale.stormRounds { again(after: .milliseconds(200)) }
        case .addressFlood:
            let address = TimestampedAddress(time: 1, address: NetworkAddress(ipv4: 203, 0, 113, 7, port: 8333))
            send(.addresses([TimestampedAddress](repeating: address, count: min(1_000, scale.itemCount))))
            if rounds < scale.stormRounds { again(after: .seconds(1)) }
        case .getDataFlood, .neverReads:
            let count = kind == .neverReads ? scale.repeats * 4 : scale.repeats
            for _ in 0..<count { send(.getData([.transaction(randomHash()), .block(scale.block ?? randomHash())])) }
            if kind == .neverReads, rounds < 40 { again(after: .seconds(5)) }
        case .neverPongs:
            send(.unknown(Command(literal: "noise"), [1]))
            again(after: .seconds(60))
        case .stopsReading, .readsSlowly:
            if rounds == 1 {
                // Enough for the session's mark and for all buffers on the way.
                let asked = InventoryVector.block(scale.block ?? randomHash())
                send(.getData([InventoryVector](repeating: asked, count: 300)))
            }
            if kind == .readsSlowly { readAll(upTo: 1_024) }
            if rounds < 2_000 { again(after: .seconds(1)) }
        case .impossibleFee:
            for _ in 0..<30 { send(.feeFilter(rate: -1)) }
        default: break
        }
    }

    private func again(after delay: Duration) {
        simulation.events.schedule(.move, of: id, at: simulation.now + delay)
    }

    private func randomHash() -> Hash256 {
        Hash256(word0: random.next(), word1: random.next(), word2: random.next(), word3: random.next())
    }
}

/// How much of it there is.
struct AdversaryScale {
    var repeats = 200
    var itemCount = 1_000
    var stormRounds = 3
    /// A block that the victim has.
    var block: Hash256?
}
