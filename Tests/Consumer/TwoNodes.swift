import PeerKit

/// What a node's listeners heard, as words.
struct Journal: Sendable {
    let words: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() { (words, continuation) = AsyncStream.makeStream() }

    func note(_ word: String) { continuation.yield(word) }

    /// Reads until all these words were noted.
    func wait(for wanted: Set<String>) async throws {
        var missing = wanted
        for await word in words {
            missing.remove(word)
            if missing.isEmpty { return }
        }
        try check(missing.isEmpty, "never heard \(missing)")
    }
}

/// Two nodes on loopback that send each other a bit of everything.
func twoNodes() async throws {
    let journal = Journal()
    var configuration = PeerConfiguration(network: .regtest)
    configuration.userAgent = UserAgent(name: "consumer", version: "1.0.0")
    configuration.newestBlock = { 7 }
    listen(&configuration.listeners, journal)
    let host = try PeerNode(configuration)
    let server: PeerServer = try await host.listen(on: "127.0.0.1:0")

    configuration.listeners = MessageListeners()
    let guest = try PeerNode(configuration)
    let peer: Peer = try await guest.connect(to: server.address, messages: .bounded(16))
    try check(peer.isConnected && peer.direction == Peer.Direction.outbound, "not connected")
    try check(peer.version?.startHeight == 7 && peer.protocolVersion == .current, "the version is wrong")

    let block = Network.regtest.genesisBlock
    guard case .queued = peer.queue(.getAddr) else { throw Failure(what: "refused") }
    peer.queue(try EncodedMessage(.block(block), network: .regtest))
    peer.queue(.transaction(block.transactions[0].detached()))
    peer.queue(.headers([block.header]))
    peer.announce([.transaction(block.transactions[0].hash())])
    try await peer.send(.ping(nonce: 9))
    try await journal.wait(for: ["handshake", "getaddr", "block", "tx", "headers", "inv", "ping", "message"])

    try await questions(to: peer)
    try await requests(to: peer)
    let totals: NodeStatistics = guest.statistics
    try check(totals.connectedPeers == 1 && totals.handshakes == 1, "the totals are wrong")
    peer.disconnect()
    try await journal.wait(for: ["remote closed"])
    server.stop()
    try check(await guest.shutdown(within: .seconds(5)), "the guest did not stop")
    try check(await host.shutdown(within: .seconds(5)), "the host did not stop")
}

func listen(_ listeners: inout MessageListeners, _ journal: Journal) {
    listeners.onHandshake = { _ in journal.note("handshake") }
    listeners.onMessage = { _, _ in journal.note("message") }
    listeners.onVersion = { _, version in
        version.protocolVersion < .getHeaders ? VersionRejection(.obsolete, "too old") : nil
    }
    listeners.onGetAddresses = { _ in journal.note("getaddr") }
    listeners.onPing = { _, nonce in if nonce == 9 { journal.note("ping") } }
    listeners.onBlock = { _, block in if block.transactions.count == 1 { journal.note("block") } }
    listeners.onTransaction = { _, transaction in if transaction.isCoinbase { journal.note("tx") } }
    listeners.onHeaders = { _, message in if message.headers.count == 1 { journal.note("headers") } }
    listeners.onInventory = { _, inventory in
        if inventory.items.allSatisfy({ $0.kind == .transaction }) { journal.note("inv") }
    }
    listeners.onDiscouraged = { (_: Peer, _: Offence) in }
    listeners.onUnknown = { (_: Peer, _: Command, _: WireBytes) in }
    listeners.onCustom = { (_: Peer, message: AnyCustomMessage) in _ = message.command }
    listeners.onReject = { (_: Peer, reject: RejectMessage) in _ = reject.code == RejectCode.invalid }
    listeners.onDisconnect = { _, reason in
        if case .remoteClosed = reason { journal.note("remote closed") }
    }
}

func requests(to peer: Peer) async throws {
    let messages: PeerMessages = peer.messages
    let roundTrip: Duration = try await peer.ping(within: .seconds(30))
    try check(roundTrip > .zero, "a ping took no time")
    var iterator: PeerMessages.AsyncIterator = messages.makeAsyncIterator()
    guard case .version? = await iterator.next() else { throw Failure(what: "the first message is not the version") }
    while let message: Message = await iterator.next() {
        if case .pong = message { break }
    }
    do throws(RequestError) {
        // Nobody answers here.
        _ = try await peer.block(.zero, within: .milliseconds(1))
        throw .cancelled
    } catch {
        try check(error == .timedOut, "a request of what nobody has: \(error)")
    }
    peer.updateListeners { $0.onPong = { (_: Peer, _: UInt64) in } }
    try check(peer.listeners.onPong != nil, "a listener was lost")
}

func questions(to peer: Peer) async throws {
    let statistics: PeerStatistics = peer.statistics
    try check(statistics.sentMessageCount > 5 && statistics.services?.contains(.network) == true, "statistics")
    guard let snapshot: PeerSnapshot = await peer.snapshot, let wishes: PeerPreferences = await peer.preferences else {
        throw Failure(what: "the peer is gone")
    }
    let session: SessionStatistics = snapshot.statistics
    try check(session.direction == .outbound && session.startHeight == 7, "a snapshot is wrong")
    let traffic: CommandTraffic? = session.traffic
    try check(traffic == nil, "traffic is counted by command though nobody asked for it")
    try check(wishes.wantsTransactions, "a peer's wishes are wrong")
    let item = InventoryVector.block(.zero)
    peer.remember([item])
    try check(await peer.knows(item), "a peer forgot what it was to know")
    try check(await peer.knownInventory.contains(item), "a peer's inventory lacks something")
    peer.forget([item])
    try check(await !peer.knows([item])[0], "a peer knows what it was to forget")
    try check(await peer.pushAddresses([]).isEmpty && peer.isWritable, "nothing is something")
}
