import PeerSession
import PeerWire

/// What an honest node does with its peers: syncs headers and blocks, relays transactions, exchanges addresses.
final class HonestApplication {
    /// The most headers in one answer, and blocks asked for at once; small, so that syncing takes several rounds.
    static let maxHeaders = 16
    static let maxBlocksAtOnce = 8

    let world: World
    let node: SimNode
    /// Which blocks of the world's chain it has.
    private(set) var hasBlock: [Bool]
    private(set) var height = 0
    /// Transactions by id, for looking up only, and their ids in the order in which they came.
    private var transactions: [Hash256: Transaction] = [:]
    private(set) var transactionIDs: [Hash256] = []
    private var asked: Set<Hash256> = []
    /// Blocks that somebody who is still there was asked for.
    private var hasAskedBlock: [Bool] = []

    init(world: World, node: SimNode, hasChain: Bool) {
        self.world = world
        self.node = node
        hasBlock = [Bool](repeating: hasChain, count: world.height)
        height = hasChain ? world.height : 0
    }

    /// Starts to listen. Listeners keep the application, and the node keeps the listeners.
    func listen() {
        node.listeners.onHandshake = { [unowned self] peer in begin(peer) }
        node.listeners.onMessage = { [unowned self] peer, message in take(message, from: peer) }
        node.listeners.onDisconnect = { [unowned self] _, _ in
            // Whatever this peer was asked for, somebody else may be asked for, too.
            asked = []
            hasAskedBlock = []
        }
        node.listeners.newestBlock = { [unowned self] _ in Int32(height) }
    }

    // MARK: What begins here

    private func begin(_ peer: SimPeer) {
        if node.random.chance(perMille: 300) { peer.queue(.sendHeaders) }
        if node.random.chance(perMille: 200) { peer.queue(.sendCompact(highBandwidth: false)) }
        if node.random.chance(perMille: 200) { peer.queue(.feeFilter(rate: 1_000)) }
        if node.random.chance(perMille: 300) { peer.queue(.getAddr) }
        if let version = peer.version, Int(version.startHeight) > height || height < world.height {
            askForHeaders(peer)
        }
        for id in transactionIDs { peer.announce(.transaction(id)) }
    }

    func askForHeaders(_ peer: SimPeer) {
        let tip = height > 0 ? world.hashes[height - 1] : .zero
        peer.queue(.getHeaders(locator: [tip]))
    }

    /// Makes a transaction and announces it.
    func makeTransaction(byteCount: Int) {
        guard let transaction = world.newTransaction(byteCount: byteCount) else { return }
        add(transaction, from: nil)
    }

    /// Has found the world's newest block.
    func found(height newest: Int) {
        if hasBlock.count < newest { hasBlock += [Bool](repeating: false, count: newest - hasBlock.count) }
        hasBlock[newest - 1] = true
        advance()
        node.announce(.block(world.hashes[newest - 1]))
    }

    private func add(_ transaction: Transaction, from origin: SimPeer?) {
        let id = transaction.hash()
        guard transactions[id] == nil else { return }
        transactions[id] = transaction
        transactionIDs.append(id)
        node.announce(.transaction(id), except: origin)
    }

    private func advance() {
        while height < hasBlock.count, hasBlock[height] { height += 1 }
    }

    // MARK: What comes

    private func take(_ message: Message, from peer: SimPeer) {
        switch message {
        case .getHeaders(let request): answer(request, to: peer)
        case .headers(let list): take(list.headers, from: peer)
        case .getData(let list): answer(list.items, to: peer)
        case .block(let block): take(block, from: peer)
        case .inventory(let list): take(list.items, from: peer)
        case .transaction(let transaction): add(transaction, from: peer)
        case .notFound(let list):
            for item in list.items {
                asked.remove(item.hash)
                if let place = world.height(of: item.hash), place < hasAskedBlock.count { hasAskedBlock[place] = false }
            }
        case .getAddresses: sendAddresses(to: peer)
        default: break
        }
    }

    private func answer(_ request: GetHeadersMessage, to peer: SimPeer) {
        var start = 0
        for hash in request.locator {
            guard let known = world.height(of: hash), known < height else { continue }
            start = known + 1
            break
        }
        let end = min(height, start + Self.maxHeaders)
        peer.queue(.headers(start < end ? world.blocks[start..<end].map(\.header) : []))
    }

    private func take(_ headers: [BlockHeader], from peer: SimPeer) {
        var wanted: [InventoryVector] = []
        for hash in BlockHeader.hashes(of: headers) {
            guard let place = world.height(of: hash), !has(place), wanted.count < Self.maxBlocksAtOnce else { continue }
            if askForBlock(place) { wanted.append(.block(hash)) }
        }
        if !wanted.isEmpty { peer.queue(.getData(wanted)) }
    }

    /// False when somebody was asked for it already.
    private func askForBlock(_ place: Int) -> Bool {
        if hasAskedBlock.count <= place {
            hasAskedBlock += [Bool](repeating: false, count: place + 1 - hasAskedBlock.count)
        }
        if hasAskedBlock[place] { return false }
        hasAskedBlock[place] = true
        return true
    }

    private func has(_ place: Int) -> Bool { place < hasBlock.count && hasBlock[place] }

    private func take(_ block: Block, from peer: SimPeer) {
        guard let place = world.height(of: block.hash()) else { return }
        if hasBlock.count <= place { hasBlock += [Bool](repeating: false, count: place + 1 - hasBlock.count) }
        let isNew = !hasBlock[place]
        hasBlock[place] = true
        let before = height
        advance()
        peer.noteBlock(height: Int32(place))
        // The next batch, once this one is whole.
        let isWaiting = height < hasAskedBlock.count && hasAskedBlock[height]
        if isNew { node.announce(.block(block.hash()), except: peer) }
        if isNew, height > before, height < world.height, !isWaiting { askForHeaders(peer) }
    }

    private func take(_ items: [InventoryVector], from peer: SimPeer) {
        var wanted: [InventoryVector] = []
        for item in items {
            switch item.kind {
            case .transaction:
                guard transactions[item.hash] == nil, asked.insert(item.hash).inserted else { continue }
                wanted.append(item)
            case .block:
                // Not by asking for headers, which would repeat a request that had no answer yet.
                guard let place = world.height(of: item.hash), !has(place), askForBlock(place) else { continue }
                wanted.append(item)
            default: break
            }
        }
        if !wanted.isEmpty { peer.queue(.getData(wanted)) }
    }

    private func answer(_ items: [InventoryVector], to peer: SimPeer) {
        var missing: [InventoryVector] = []
        for item in items {
            switch item.kind {
            case .transaction:
                if let transaction = transactions[item.hash] {
                    peer.queue(.transaction(transaction))
                } else {
                    missing.append(item)
                }
            case .block:
                if let place = world.height(of: item.hash), has(place) {
                    peer.queue(.block(world.blocks[place]))
                } else {
                    missing.append(item)
                }
            default: missing.append(item)
            }
        }
        if !missing.isEmpty { peer.queue(.notFound(missing)) }
    }

    private func sendAddresses(to peer: SimPeer) {
        let count = node.random.below(20)
        let addresses = (0..<count).map { _ in
            TimestampedAddress(
                time: 1_699_000_000,
                address: NetworkAddress(
                    ipv4: 203, 0, UInt8(node.random.below(256)), UInt8(node.random.below(256)), port: 8333))
        }
        peer.queueAddresses(addresses.map(PeerAddress.init))
    }
}
