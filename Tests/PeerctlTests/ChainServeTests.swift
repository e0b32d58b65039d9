import ArgumentParser
import PeerKit
import TestSupport
import Testing

@testable import peerctl

/// A node that serves a chain, and a node that downloads from it.
private struct Pair {
    let server: PeerNode
    let client: PeerNode
    let address: SocketAddress
    /// What the client is sent, in order.
    let inbox: AsyncStream<(UInt64, Message)>

    init(_ chain: ServedChain) async throws {
        var serving = PeerConfiguration(network: chain.network)
        serving.maxInboundPeersPerAddress = 0
        ChainServer(chain).install(in: &serving)
        server = try PeerNode(serving)
        address = try await server.listen(on: "127.0.0.1:0").address

        let (stream, continuation) = AsyncStream.makeStream(of: (UInt64, Message).self)
        inbox = stream
        var dialling = PeerConfiguration(network: chain.network)
        dialling.listeners.onHeaders = { continuation.yield(($0.id, .headers($1))) }
        dialling.listeners.onBlock = { continuation.yield(($0.id, .block($1))) }
        dialling.listeners.onTransaction = { continuation.yield(($0.id, .transaction($1))) }
        dialling.listeners.onNotFound = { continuation.yield(($0.id, .notFound($1))) }
        dialling.listeners.onDisconnect = { _, _ in continuation.finish() }
        client = try PeerNode(dialling)
    }

    func end() async {
        await client.shutdown()
        await server.shutdown()
    }
}

@Suite(.timeLimit(.minutes(5))) struct ChainServeTests {
    @Test func wholeChainIsDownloaded() async throws {
        let chain = try makeChain(2_100, size: 1_000)
        let pair = try await Pair(chain)
        let peer = try await pair.client.connect(to: pair.address)
        #expect(peer.version?.startHeight == 2_100)

        var inbox = pair.inbox.makeAsyncIterator()
        var headers = [Network.regtest.genesisBlock.header]
        while true {
            peer.queue(.getHeaders(locator: [try #require(headers.last).hash()]))
            guard case .headers(let answer)? = await inbox.next()?.1 else { break }
            if answer.headers.isEmpty { break }
            headers += answer.headers
        }
        #expect(headers == chain.entries.map(\.header))

        peer.queue(.getData(headers.map { .block($0.hash()) }))
        for entry in chain.entries {
            guard case .block(let block)? = await inbox.next()?.1 else {
                Issue.record("something else than a block came")
                break
            }
            #expect(block.hash() == entry.hash)
            #expect(block.bytes.array == Array(entry.frame.bytes[24...]))
        }
        await pair.end()
    }

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
    func blockFileArrivesAsItIs() async throws {
        let name = "block-413567.bin"
        let options = try ChainOptions.parse(["--block-file", SharedData.path(of: name)])
        let pair = try await Pair(options.makeChain(.mainnet))
        let peer = try await pair.client.connect(to: pair.address)
        var inbox = pair.inbox.makeAsyncIterator()

        peer.queue(.getHeaders(locator: [Network.mainnet.genesisBlock.hash()]))
        guard case .headers(let answer)? = await inbox.next()?.1, let header = answer.headers.first else {
            Issue.record("no header came")
            return
        }
        #expect(header.hash().description == "0000000000000000025aff8be8a55df8f89c77296db6198f272d6577325d4069")
        peer.queue(.getData([.block(header.hash())]))
        guard case .block(let block)? = await inbox.next()?.1 else {
            Issue.record("no block came")
            return
        }
        #expect(block.bytes.array == (try SharedData.bytes(of: name)))
        #expect(block.hash() == header.hash())
        #expect(block.merkleRoot() == header.merkleRoot)

        let last = try #require(block.transactions.last)
        peer.queue(.getData([.transaction(last.hash())]))
        guard case .transaction(let transaction)? = await inbox.next()?.1 else {
            Issue.record("no transaction came")
            return
        }
        #expect(transaction == last)
        await pair.end()
    }

    @Test func notFoundForTheRest() async throws {
        let chain = try makeChain(3)
        let pair = try await Pair(chain)
        let peer = try await pair.client.connect(to: pair.address)
        var inbox = pair.inbox.makeAsyncIterator()
        let known = chain.entries[2]
        let block = try makeBlocks(2)[1]
        let payment = block.transactions[3]
        let rest: [InventoryVector] = [
            InventoryVector(kind: .filteredBlock, hash: known.hash),
            InventoryVector(kind: .compactBlock, hash: known.hash), .block(ChainServedTests.unknown),
            .transaction(ChainServedTests.unknown), InventoryVector(kind: .doubleSpendProof, hash: payment.hash()),
            InventoryVector(kind: InventoryKind(rawValue: 0x4000_0002), hash: known.hash), .block(payment.hash()),
            .transaction(known.hash),
        ]
        peer.queue(.getData([rest[0], .transaction(payment.hash())] + rest[1...4] + [.block(known.hash)] + rest[5...]))
        peer.queue(.getData([.block(known.hash)]))
        peer.queue(.getHeaders(locator: [], stop: ChainServedTests.unknown))
        let answers: [Message] = [
            .transaction(payment.detached()), .block(block), .notFound(rest), .block(block), .headers([]),
        ]
        for answer in answers { #expect(await inbox.next()?.1 == answer) }
        await pair.end()
    }

    @Test func manyPeersAtOnce() async throws {
        let chain = try makeChain(20, size: 20_000)
        let pair = try await Pair(chain)
        let wanted = chain.entries.map { InventoryVector.block($0.hash) }
        let peerCount = 100
        for _ in 0..<peerCount { try await pair.client.connect(to: pair.address).queue(.getData(wanted)) }
        var received: [UInt64: [Hash256]] = [:]
        var left = peerCount * wanted.count
        for await (peer, message) in pair.inbox {
            guard case .block(let block) = message else { continue }
            received[peer, default: []].append(block.hash())
            left -= 1
            if left == 0 { break }
        }
        #expect(received.count == peerCount)
        for hashes in received.values { #expect(hashes == wanted.map(\.hash)) }
        await pair.end()
    }
}
