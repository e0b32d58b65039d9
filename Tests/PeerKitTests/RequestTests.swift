import PeerKit
import PeerLoop
import Testing

/// Requests for blocks, transactions and the like, and pings.
@Suite(.timeLimit(.minutes(2))) struct RequestTests {
    /// A block that nobody listens to and that is too long to be decoded for its own sake.
    @Test func aBlockIsAskedForByItsHash() async throws {
        try await NodeRig.with({ $0.listeners.onMessage = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let wanted = try Samples.block(1, scriptByteCount: 300_000)
            let other = try Samples.block(2)
            async let block = peer.block(wanted.hash())
            #expect(try await client.receiveGetData() == [.block(wanted.hash())])
            try await client.send([.block(other), .notFound([.block(other.hash())]), .block(wanted)])
            #expect(try await block == wanted)
        }
    }

    @Test func aTransactionIsAskedForByItsID() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let wanted = try Samples.transaction(1)
            async let transaction = peer.transaction(wanted.hash())
            #expect(try await client.receiveGetData() == [.transaction(wanted.hash())])
            try await client.send([.transaction(try Samples.transaction(2)), .transaction(wanted)])
            #expect(try await transaction == wanted)
            // Listeners get it, too.
            try await rig.log.wait { $0.contains { $0.message == .transaction(wanted) } }
        }
    }

    @Test func whatThePeerDoesNotHaveIsNotFound() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let block = Task { try await peer.block(Samples.hash(1)) }
            _ = try await client.receiveGetData()
            try await client.send(.notFound([.block(Samples.hash(1))]))
            #expect(await block.requestError == .notFound)
            let transaction = Task { try await peer.transaction(Samples.hash(2)) }
            _ = try await client.receiveGetData()
            try await client.send(.notFound([.transaction(Samples.hash(2))]))
            #expect(await transaction.requestError == .notFound)
        }
    }

    /// One of each kind, one twice, one not to be had; answered in another order.
    @Test func manyThingsAreAskedForAtOnce() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let block = try Samples.block(1)
            let old = try Samples.block(4)
            let transaction = try Samples.transaction(3)
            guard case .merkleBlock(let filtered) = try Samples.message(.merkleBlock),
                case .compactBlock(let compact) = try Samples.message(.compactBlock),
                case .doubleSpendProof(let proof) = try Samples.message(.doubleSpendProof)
            else { throw Raw.Unexpected() }
            let items: [InventoryVector] = [
                .block(block.hash()), .transaction(transaction.hash()), .transaction(Samples.hash(9)),
                InventoryVector(kind: .filteredBlock, hash: filtered.header.hash()),
                InventoryVector(kind: .compactBlock, hash: compact.header.hash()),
                InventoryVector(kind: .compactBlock, hash: old.hash()),
                InventoryVector(kind: .doubleSpendProof, hash: proof.id), .block(block.hash()),
            ]
            async let data = peer.data(items)
            #expect(try await client.receiveGetData() == items)
            try await client.send([
                .doubleSpendProof(proof), .block(old), .compactBlock(compact), .merkleBlock(filtered),
                .notFound([.transaction(Samples.hash(9))]), .transaction(transaction), .block(block),
            ])
            let expected: [Message?] = [
                .block(block), .transaction(transaction), nil, .merkleBlock(filtered), .compactBlock(compact),
                .block(old), .doubleSpendProof(proof), .block(block),
            ]
            let found = try await data
            #expect(found.count == expected.count)
            for (item, message) in zip(found, expected) {
                #expect(item == message.map { .found($0) } ?? .notFound)
            }
            #expect(try await peer.data([]) == [])
        }
    }

    @Test func aHundredAreAnsweredInAnyOrder() async throws {
        try await NodeRig.with({ $0.listeners.onMessage = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let all = try (0..<100).map { try Samples.transaction($0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for wanted in all {
                    group.addTask {
                        let transaction = try await peer.transaction(wanted.hash())
                        #expect(transaction == wanted)
                    }
                }
                var asked: Set<InventoryVector> = []
                for _ in all { asked.formUnion(try await client.receiveGetData()) }
                #expect(asked == Set(all.map { .transaction($0.hash()) }))
                try await client.send(all.reversed().map { .transaction($0) })
                try await group.waitForAll()
            }
        }
    }

    @Test func transactionsOfABlockAreAskedFor() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let block = try Samples.block(1)
            let request = try GetBlockTransactionsMessage(blockHash: block.hash(), indexes: [0])
            let wanted = BlockTransactionsMessage(
                blockHash: block.hash(), transactions: TransactionList([try Samples.transaction(1)]))
            let other = BlockTransactionsMessage(
                blockHash: Samples.hash(5), transactions: TransactionList([try Samples.transaction(5)]))
            async let first = peer.blockTransactions(request)
            #expect(try await client.receiveMessage() == .getBlockTransactions(request))
            try await client.send([.blockTransactions(other), .blockTransactions(wanted)])
            #expect(try await first == wanted)
            // An old block comes whole.
            async let second = peer.blockTransactions(request)
            _ = try await client.receiveMessage()
            try await client.send(.block(block))
            let transactions = try await second
            #expect(transactions.blockHash == block.hash())
            #expect(transactions.transactions.elementsEqual(block.transactions))
        }
    }

    @Test func aPingIsMeasured() async throws {
        try await NodeRig.with { rig in
            // A tick of the loop may have begun when its peer asks, and that is when the ping is sent.
            let begin = ContinuousClock.now
            let (client, peer) = try await rig.rawPeer()
            async let roundTrip = peer.ping()
            guard case .ping(let nonce?)? = try await client.receiveMessage() else { throw Raw.Unexpected() }
            try await client.send([.pong(nonce: nonce ^ 1), .pong(nonce: nonce)])
            let duration = try await roundTrip
            #expect(duration >= .zero && duration <= begin.duration(to: .now))
        }
    }

    @Test(arguments: AnyRequest.allCases) func aRequestIsGivenUpInTime(_ request: AnyRequest) async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let begin = ContinuousClock.now
            await #expect(throws: RequestError.timedOut) { try await request.run(peer, within: .milliseconds(50)) }
            #expect(begin.duration(to: .now) >= .milliseconds(50))
            _ = try await client.receiveMessage()
            // The connection goes on, and so does the next request with a deadline of its own.
            #expect(peer.isConnected)
            await #expect(throws: RequestError.timedOut) { try await request.run(peer, within: .zero) }
        }
    }

    @Test(arguments: AnyRequest.allCases) func aCancelledRequestEndsAtOnce(_ request: AnyRequest) async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let task = Task { try await request.run(peer, within: .seconds(3_600)) }
            _ = try await client.receiveMessage()
            task.cancel()
            #expect(await task.requestError == .cancelled)
        }
    }

    @Test(arguments: AnyRequest.allCases) func theEndOfTheConnectionEndsARequest(_ request: AnyRequest) async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let task = Task { try await request.run(peer, within: .seconds(3_600)) }
            _ = try await client.receiveMessage()
            peer.disconnect()
            #expect(await task.requestError == .disconnected(.requested))
            await client.close()
            try await until { !peer.isConnected }
            await #expect(throws: RequestError.disconnected(.requested)) {
                try await request.run(peer, within: .seconds(3_600))
            }
        }
    }

    /// A request from a listener of the handshake's messages goes out after it.
    @Test func aRequestWaitsForTheHandshake() async throws {
        let headers = Log<[BlockHeader]>()
        try await NodeRig.with({ configuration in
            configuration.listeners.onVersion = { peer, _ in
                Task { headers.add(try await peer.headers(after: [Samples.hash(1)])) }
                return nil
            }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            _ = try await client.receiveGetHeaders()
            let answer = Samples.header(after: Samples.hash(1))
            try await client.send(.headers([answer]))
            #expect(try await headers.wait(for: 1) == [[answer]])
        }
    }

    @Test func theNumberOfPendingRequestsIsLimited() async throws {
        try await NodeRig.with({ $0.maxPendingRequests = 3 }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let tasks = (0..<3).map { number in
                Task { try await peer.transaction(Samples.hash(number)) }
            }
            for _ in tasks { _ = try await client.receiveGetData() }
            await #expect(throws: RequestError.tooManyPending) { try await peer.ping() }
            await #expect(throws: RequestError.tooManyPending) { try await peer.headers(after: [Samples.hash]) }
            // One of them is over, and there is room again.
            try await client.send(.notFound([.transaction(Samples.hash(1))]))
            #expect(await tasks[1].requestError == .notFound)
            await #expect(throws: RequestError.timedOut) { try await peer.ping(within: .zero) }
            for task in tasks { task.cancel() }
        }
    }

    @Test func aRequestThatCannotBeEncodedSaysWhy() async throws {
        try await NodeRig.with({ $0.wireLimits.maxInventoryCount = 5_000 }) { rig in
            let (client, peer) = try await rig.rawPeer()
            let error = await #expect(throws: RequestError.self) {
                try await peer.data([InventoryVector](repeating: .block(Samples.hash), count: 5_001))
            }
            guard case .notSent(.encoding)? = error else { throw Raw.Unexpected() }
            await client.close()
        }
    }

    @Test(arguments: AnyRequest.allCases) func aRequestThatIsNotTakenSaysWhy(_ request: AnyRequest) async throws {
        let peers = Log<Peer>()
        try await NodeRig.with({ configuration in
            configuration.heldByteCap = 1_000
            configuration.listeners.onVersion = { peer, _ in
                peers.add(peer)
                return nil
            }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send(.version(Raw.version()))
            let peer = try #require(try await peers.wait(for: 1).first)
            // The node's own part of the handshake would wait before it.
            #expect(try await client.receiveFrames(3).map(\.command) == ["version", "sendaddrv2", "verack"])
            try await until { peer.pendingByteCount == 0 }
            // The handshake is not done, so this is held.
            #expect(peer.queue(Samples.unknown(2_000)) == .queued)
            await #expect(throws: RequestError.notSent(.queueFull)) {
                try await request.run(peer, within: .seconds(60))
            }
            await client.close()
        }
    }
}

/// One request of each kind.
enum AnyRequest: CaseIterable {
    case headers
    case block
    case transaction
    case data
    case blockTransactions
    case ping

    func run(_ peer: Peer, within limit: Duration) async throws(RequestError) {
        switch self {
        case .headers: _ = try await peer.headers(after: [Samples.hash], within: limit)
        case .block: _ = try await peer.block(Samples.hash, within: limit)
        case .transaction: _ = try await peer.transaction(Samples.hash, within: limit)
        case .data:
            _ = try await peer.data([.block(Samples.hash), .transaction(Samples.hash)], within: limit)
        case .blockTransactions:
            let request = GetBlockTransactionsMessage(blockHash: Samples.hash, differences: [1])
            _ = try await peer.blockTransactions(request, within: limit)
        case .ping: _ = try await peer.ping(within: limit)
        }
    }
}
