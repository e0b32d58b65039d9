import PeerKit
import Testing

/// A program that shares no code with this library.
enum ForeignProgram: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case independent = "the independent peer"
    case bitcoinlib = "python-bitcoinlib"

    var testDescription: String { rawValue }

    func start() throws -> ForeignPeer {
        switch self {
        case .independent: try ForeignPeer()
        case .bitcoinlib: try ForeignPeer(Python.bitcoinlibAgent())
        }
    }
}

/// Who dialled, and what program is at the other end.
struct Exchange: Sendable, CustomTestStringConvertible {
    let program: ForeignProgram
    let side: Side

    var testDescription: String { "\(program.rawValue), \(side.rawValue)" }

    static func all(_ program: ForeignProgram) -> [Exchange] {
        Side.allCases.map { Exchange(program: program, side: $0) }
    }
}

/// What peers do all day, both ways: the node serves the other program, and that one serves the node.
@Suite(.timeLimit(.minutes(2)))
struct ExchangeTests {
    private let chain: SampleChain

    init() throws {
        chain = try SampleChain()
    }

    @Test(
        "with the independent peer", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
        arguments: Exchange.all(.independent))
    func independent(_ exchange: Exchange) async throws {
        try await bothWays(exchange)
    }

    @Test(
        "with python-bitcoinlib",
        .enabled(if: Python.hasBitcoinlib, Comment(rawValue: Python.bitcoinlibUnavailable)),
        arguments: Exchange.all(.bitcoinlib))
    func bitcoinlib(_ exchange: Exchange) async throws {
        try await bothWays(exchange)
    }

    private func bothWays(_ exchange: Exchange) async throws {
        try await ForeignRig.with { rig in
            let foreign = try exchange.program.start()
            let peer = try await rig.shakenPeer(exchange.side, foreign)
            #expect(peer.version?.services == [.network, .bitcoinCash])
            try await pings(rig, peer, foreign)
            try await nodeServes(rig, peer, foreign)
            try await nodeIsServed(rig, peer, foreign)
            try await foreign.close()
            #expect(try await rig.told.end() == .remoteClosed)
        }
    }

    private func pings(_ rig: ForeignRig, _ peer: Peer, _ foreign: ForeignPeer) async throws {
        try await foreign.say("ping", ["nonce": "0xfedcba9876543210"])
        #expect(try await foreign.hear("pong").fields["nonce"] == "0xfedcba9876543210")
        #expect(peer.queue(.ping(nonce: 0x8070_6050_4030_2010)) == .queued)
        #expect(try await foreign.hear("ping").fields["nonce"] == "0x8070605040302010")
        try await foreign.say("pong", ["nonce": "0x8070605040302010"])
        #expect(try await rig.told.message(.pong) == .pong(nonce: 0x8070_6050_4030_2010))
    }

    /// The other program asks, and what it makes of the answers is compared.
    private func nodeServes(_ rig: ForeignRig, _ peer: Peer, _ foreign: ForeignPeer) async throws {
        let block = chain.blocks[1]
        let items: [InventoryVector] = [.transaction(chain.transaction.hash()), .block(block.header.hash())]
        let list: JSON = [
            ["tx", JSON(chain.transaction.hash())], ["block", JSON(block.header.hash())],
        ]
        #expect(peer.queue(.inventory(items)) == .queued)
        #expect(try await foreign.hear("inv").fields["items"] == list)

        try await foreign.say("getheaders", ["locator": [JSON(chain.genesis)]])
        guard case .getHeaders(let request) = try await rig.told.message(.getHeaders) else { return }
        #expect(request.locator == [chain.genesis] && request.stop == .zero)
        #expect(peer.queue(.headers(chain.headers)) == .queued)
        #expect(try await foreign.hear("headers").fields["headers"] == .list(chain.headers.map { JSON($0) }))

        try await foreign.say("getdata", ["items": list])
        #expect(try await rig.told.message(.getData) == .getData(items))
        #expect(peer.queue(.transaction(chain.transaction)) == .queued)
        #expect(peer.queue(.block(block)) == .queued)
        #expect(peer.queue(.notFound([.transaction(chain.genesis)])) == .queued)
        #expect(try await foreign.hear("tx").fields == JSON(chain.transaction))
        #expect(try await foreign.hear("block").fields == JSON(block))
        #expect(try await foreign.hear("notfound").fields["items"] == [["tx", JSON(chain.genesis)]])
    }

    /// The node asks, and the other program's answers are compared.
    private func nodeIsServed(_ rig: ForeignRig, _ peer: Peer, _ foreign: ForeignPeer) async throws {
        let block = chain.blocks[1]
        let items: [InventoryVector] = [.block(block.header.hash()), .transaction(chain.transaction.hash())]
        let list: JSON = [
            ["block", JSON(block.header.hash())], ["tx", JSON(chain.transaction.hash())],
        ]
        try await foreign.say("inv", ["items": list])
        #expect(try await rig.told.message(.inventory) == .inventory(items))

        #expect(peer.queue(.getHeaders(locator: [chain.genesis])) == .queued)
        #expect(try await foreign.hear("getheaders").fields["locator"] == [JSON(chain.genesis)])
        try await foreign.say("headers", ["headers": .list(chain.headers.map { JSON($0) })])
        #expect(try await rig.told.message(.headers) == .headers(chain.headers))

        #expect(peer.queue(.getData(items)) == .queued)
        #expect(try await foreign.hear("getdata").fields["items"] == list)
        try await foreign.say("block", JSON(block))
        #expect(try await rig.told.message(.block) == .block(block))
        try await foreign.say("tx", JSON(chain.transaction))
        #expect(try await rig.told.message(.transaction) == .transaction(chain.transaction))
        try await foreign.say("notfound", ["items": list])
        #expect(try await rig.told.message(.notFound) == .notFound(items))
    }
}
