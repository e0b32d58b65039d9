import PeerKit
import PeerLoop
import Testing

/// ``Peer/headers(after:upTo:within:)``.
@Suite(.timeLimit(.minutes(2))) struct HeadersRequestTests {
    private let known = Samples.hash(1)

    @Test func headersAreAskedForAndAnswered() async throws {
        try await NodeRig.with({ $0.listeners.onMessage = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            // Long enough that nobody would decode it otherwise.
            let list = (0..<1_000).map { Samples.header(after: known, $0) }
            async let headers = peer.headers(after: [known, Samples.hash], upTo: Samples.hash(9))
            let request = try await client.receiveGetHeaders()
            #expect(request.locator == [known, Samples.hash] && request.stop == Samples.hash(9))
            try await client.send(.headers(list))
            #expect(try await headers == list)
            // The same once more: the chain may have grown.
            async let more = peer.headers(after: [known, Samples.hash], upTo: Samples.hash(9))
            _ = try await client.receiveGetHeaders()
            try await client.send(.headers([]))
            #expect(try await more == [])
        }
    }

    /// An announcement is not taken for the answer, and reaches the listeners as the answer does.
    @Test func anAnnouncementIsNoAnswer() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let announced = Samples.header(after: Samples.hash(99))
            let answer = Samples.header(after: known)
            async let headers = peer.headers(after: [Samples.hash, known])
            _ = try await client.receiveGetHeaders()
            try await client.send([.headers([announced]), .headers([answer])])
            #expect(try await headers == [answer])
            try await rig.log.wait { heard in
                heard.compactMap(\.message).suffix(2) == [.headers([announced]), .headers([answer])]
            }
            // When nothing of the locator is known, the answer begins after the first block.
            let first = Samples.header(after: Network.regtest.genesisHash)
            async let fromGenesis = peer.headers(after: [known])
            _ = try await client.receiveGetHeaders()
            try await client.send([.headers([announced]), .headers([first])])
            #expect(try await fromGenesis == [first])
            // Without a locator one header was asked for.
            async let one = peer.headers(after: [], upTo: answer.hash())
            _ = try await client.receiveGetHeaders()
            try await client.send([.headers([first]), .headers([answer])])
            #expect(try await one == [answer])
        }
    }

    /// A hundred at once: one on the wire at a time, each with its own answer.
    @Test func aHundredAreAnsweredInTurn() async throws {
        try await NodeRig.with({ $0.listeners.onMessage = nil }) { rig in
            let (client, peer) = try await rig.rawPeer()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let headers = try await peer.headers(after: [Samples.hash(number)])
                        #expect(headers == [Samples.header(after: Samples.hash(number))])
                    }
                }
                for nonce in 0..<100 {
                    let request = try await client.receiveGetHeaders()
                    // Whatever the node sends before it is answered would come before this.
                    try await client.send(.ping(nonce: UInt64(nonce)))
                    #expect(try await client.receiveMessage() == .pong(nonce: UInt64(nonce)))
                    let first = try #require(request.locator.first)
                    try await client.send(.headers([Samples.header(after: first)]))
                }
                try await group.waitForAll()
            }
        }
    }

    /// What nobody waits for any more still holds the others up, as its answer would be taken for theirs.
    @Test func aLateAnswerIsNotMistaken() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            await #expect(throws: RequestError.timedOut) {
                try await peer.headers(after: [known], within: .milliseconds(20))
            }
            _ = try await client.receiveGetHeaders()
            let answer = Samples.header(after: known)
            let other = Samples.header(after: Samples.hash(2))
            async let others = peer.headers(after: [Samples.hash(2), known])
            try await client.send(.ping(nonce: 1))
            #expect(try await client.receiveMessage() == .pong(nonce: 1))
            try await client.send(.headers([answer]))
            #expect(try await client.receiveGetHeaders().locator == [Samples.hash(2), known])
            try await client.send(.headers([other]))
            #expect(try await others == [other])
        }
    }

    @Test func aCancelledRequestEndsAtOnce() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let first = Task { try await peer.headers(after: [known]) }
            _ = try await client.receiveGetHeaders()
            let second = Task { try await peer.headers(after: [Samples.hash(2)]) }
            second.cancel()
            #expect(await second.requestError == .cancelled)
            first.cancel()
            #expect(await first.requestError == .cancelled)
            // The one that waited in vain is never sent.
            try await client.send([.headers([]), .ping(nonce: 1)])
            #expect(try await client.receiveMessage() == .pong(nonce: 1))
        }
    }

    @Test func theEndOfTheConnectionEndsAll() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            let tasks = (0..<5).map { number in
                Task { try await peer.headers(after: [Samples.hash(number)]) }
            }
            _ = try await client.receiveGetHeaders()
            await client.close()
            for task in tasks { #expect(await task.requestError == .disconnected(.remoteClosed)) }
            try await until { !peer.isConnected }
            await #expect(throws: RequestError.disconnected(.remoteClosed)) { try await peer.headers(after: [known]) }
        }
    }
}
