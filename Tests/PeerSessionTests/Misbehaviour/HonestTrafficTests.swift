import PeerWire
import Testing

@testable import PeerSession

/// What honest nodes ask for at their busiest stays well below the threshold: a node that loses honest peers over a
/// rule against others has lost what the rule was for.
@Suite struct HonestTrafficTests {
    /// The session, and the most its peer ever weighed.
    private struct Watched {
        var plain = PlainSession { $0.services = [.bloom, .network] }
        var highest = 0

        mutating func receive(_ message: MessageFacts) {
            plain.receive(message)
            highest = max(highest, plain.score)
        }
    }

    private static func expectFine(_ watched: Watched, below bound: Int = 60) {
        #expect(!watched.plain.session.isClosed)
        #expect(watched.highest < bound)
        #expect(watched.plain.session.offenceCount == 0)
    }

    /// The first blocks are small: 16 at a time, 5,000 a second, and headers for them, until the score is steady.
    @Test func aPeerThatSyncsFromHere() {
        var watched = Watched()
        for batch in 0..<(5 * 60 * 5_000 / 16) {
            if batch % 125 == 0 { watched.receive(.getHeaders(BlockRange(first: .zero))) }
            watched.receive(.getData(.blocks(16)))
            watched.plain.pass(.seconds(1) * 16 / 5_000)
        }
        Self.expectFine(watched)
        #expect(watched.highest > 20, "the traffic is weighed")
    }

    /// Bitcoin Cash Node after a restart: `mempool`, and 100,000 transactions by a thousand at once.
    @Test func aPeerThatFillsItsMemoryPool() {
        var watched = Watched()
        watched.receive(.mempool)
        for _ in 0..<100 { watched.receive(.getData(.transactions(1_000))) }
        Self.expectFine(watched)
    }

    /// bchd asks for as much as fits in one message.
    @Test func aPeerThatAsksInLargeMessages() {
        var watched = Watched()
        watched.receive(.mempool)
        for _ in 0..<4 { watched.receive(.getData(.transactions(50_000))) }
        Self.expectFine(watched)
    }

    /// Blocks of 256 MB every ten minutes, all transactions fetched from here twice a second, and half an hour of it.
    @Test func aPeerThatFetchesEveryTransactionOfFullBlocks() {
        var watched = Watched()
        for step in 0..<3_600 {
            watched.receive(.getData(.transactions(667)))
            if step % 1_200 == 0 { watched.receive(.getBlockTransactions) }
            watched.plain.pass(.milliseconds(500))
        }
        Self.expectFine(watched)
    }

    /// Test networks find blocks in bursts, each with a `getheaders`, a compact block and the rest of it: a dozen at
    /// once, then one every ten seconds for ten minutes.
    @Test func aPeerThatFollowsABurstOfBlocks() {
        var watched = Watched()
        for step in 0..<72 {
            watched.receive(.getHeaders(BlockRange(first: .zero)))
            watched.receive(.getData(.blocks(1)))
            watched.receive(.getBlockTransactions)
            if step >= 12 { watched.plain.pass(.seconds(10)) }
        }
        Self.expectFine(watched, below: 90)
    }

    /// A day with a peer: pings, addresses, blocks, relay, fees.
    @Test func anOrdinaryDay() {
        var watched = Watched()
        for minute in 0..<1_440 {
            watched.receive(.ping(nonce: UInt64(minute + 1), checksum: 0))
            watched.receive(.inventory(.transactions(300)))
            watched.receive(.getData(.transactions(300)))
            if minute % 10 == 0 {
                watched.receive(.feeFilter(rate: 1_000))
                watched.receive(.addresses(count: 10))
                watched.receive(.getHeaders(BlockRange(first: .zero)))
                watched.receive(.getData(.blocks(1)))
                watched.receive(.getBlockTransactions)
                watched.receive(.sendCompact(SendCompactMessage(highBandwidth: minute % 20 == 0, version: 1)))
            }
            watched.plain.pass(.seconds(60))
        }
        Self.expectFine(watched, below: 15)
    }
}
