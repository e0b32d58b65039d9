import PeerSession
import PeerWire

/// Two nodes that ask each other for the largest block there is and send it at the same time, over buffers that hold
/// next to nothing of it: whoever stops reading because it has much to send waits for ever.
final class Crossing {
    private let simulation: Simulation
    private let byteCount: Int
    private let world: World
    private var received = [0, 0]

    init(_ simulation: Simulation, byteCount: Int) {
        self.simulation = simulation
        self.byteCount = byteCount
        world = World(random: simulation.random.fork())
    }

    func run() throws(SimulationFailure) -> SimulationReport {
        simulation.expectsPeace = true
        world.extend(byteCount: byteCount)
        let left = add("left", 0)
        let right = add("right", 1)
        var link = LinkProfile()
        link.sendBufferByteCount = 64 << 10
        link.receiveWindowByteCount = 64 << 10
        let peer = simulation.connect(left, to: right, over: link)
        for _ in 0..<2 { peer.queue(.getData(wanted)) }
        try simulation.run(for: .seconds(600))
        if received != [2, 2] {
            simulation.fail(.progress, "of two blocks of \(byteCount) bytes each way, \(received) have arrived")
        }
        if let failure = simulation.failure { throw failure }
        simulation.notes.append("two blocks of \(byteCount) bytes crossed two")
        return try simulation.finish()
    }

    private var wanted: [InventoryVector] { world.hashes.map { .block($0) } }

    private func add(_ name: String, _ index: Int) -> SimNode {
        let node = simulation.addNode(name) { settings in
            settings.wire.maxBlockSize = max(1_000, byteCount)
        }
        node.listeners.onHandshake = { [unowned self] peer in
            if index == 1 { for _ in 0..<2 { peer.queue(.getData(wanted)) } }
        }
        node.listeners.onMessage = { [unowned self] peer, message in
            switch message {
            case .getData: peer.queue(.block(world.blocks[0]))
            case .block: received[index] += 1
            default: break
            }
        }
        return node
    }
}
