import PeerKit
import Testing

@testable import peerctl

/// A chain of the genesis block and some made-up ones.
func makeChain(_ count: Int, network: Network = .regtest, size: Int = 5_000) throws -> ServedChain {
    var chain = try ServedChain(network: network)
    for block in try makeBlocks(count, network: network, size: size) { try chain.append(block) }
    return chain
}

@Suite struct ChainServedTests {
    /// Locator and stop by height (nil: a hash nobody has; `zero` for no stop), and the heights answered.
    struct HeadersCase: CustomTestStringConvertible, Sendable {
        enum Stop: Sendable { case none, unknown, height(Int) }
        var locator: [Int?]
        var stop = Stop.none
        var answer: Range<Int>
        var testDescription: String { "\(locator) to \(stop)" }
    }

    static let unknown = Hash256(word0: 1, word1: 2, word2: 3, word3: 4)

    @Test(
        arguments: [
            HeadersCase(locator: [0], answer: 1..<11),
            HeadersCase(locator: [4], answer: 5..<11),
            HeadersCase(locator: [9], answer: 10..<11),
            HeadersCase(locator: [10], answer: 11..<11),
            HeadersCase(locator: [nil], answer: 1..<11),
            HeadersCase(locator: [nil, 7, 3, 0], answer: 8..<11),
            HeadersCase(locator: [3, 7], answer: 4..<11),
            HeadersCase(locator: [2], stop: .height(5), answer: 3..<6),
            HeadersCase(locator: [2], stop: .height(3), answer: 3..<4),
            HeadersCase(locator: [2], stop: .height(10), answer: 3..<11),
            HeadersCase(locator: [5], stop: .height(5), answer: 6..<11),
            HeadersCase(locator: [5], stop: .height(2), answer: 6..<11),
            HeadersCase(locator: [5], stop: .unknown, answer: 6..<11),
            HeadersCase(locator: [nil], stop: .height(1), answer: 1..<2),
            HeadersCase(locator: [], stop: .height(6), answer: 6..<7),
            HeadersCase(locator: [], stop: .height(0), answer: 0..<1),
            HeadersCase(locator: [], stop: .unknown, answer: 0..<0),
            HeadersCase(locator: [], stop: .none, answer: 0..<0),
        ])
    func headers(_ example: HeadersCase) throws {
        let chain = try makeChain(10)
        let hashes = chain.entries.map(\.hash)
        let stop: Hash256 =
            switch example.stop {
            case .none: .zero
            case .unknown: Self.unknown
            case .height(let height): hashes[height]
            }
        let locator = example.locator.map { $0.map { hashes[$0] } ?? Self.unknown }
        let answer = chain.headers(for: GetHeadersMessage(locator: locator, stop: stop))
        #expect(answer == chain.entries[example.answer].map(\.header))
    }

    @Test func atMostTwoThousandHeaders() throws {
        let chain = try makeChain(2_500, size: 1_000)
        var have = [chain.entries[0].header]
        var rounds: [Int] = []
        while true {
            let last = try #require(have.last)
            let more = chain.headers(for: GetHeadersMessage(locator: [last.hash()]))
            rounds.append(more.count)
            if more.isEmpty { break }
            have += more
        }
        #expect(rounds == [2_000, 500, 0])
        #expect(have == chain.entries.map(\.header))
        let stop = chain.entries[2_400].hash
        #expect(chain.headers(for: GetHeadersMessage(locator: [have[0].hash()], stop: stop)).count == 2_000)
    }

    @Test func everyBlockAndTransactionIsFound() throws {
        let chain = try makeChain(30, size: 20_000)
        for entry in chain.entries {
            let frame = try #require(chain.block(entry.hash))
            let block = try Block(bytes: Array(frame.bytes[24...]))
            #expect(block.hash() == entry.hash && block.header == entry.header)
            for transaction in block.transactions {
                #expect(chain.transaction(transaction.hash()) == transaction.bytes)
            }
        }
        #expect(chain.block(Self.unknown) == nil)
        #expect(chain.transaction(Self.unknown) == nil)
        #expect(chain.transaction(chain.entries[3].hash) == nil)
    }

    @Test func aBlockIsAddedOnce() throws {
        var chain = try makeChain(3)
        try chain.append(try makeBlocks(2)[1])
        try chain.append(Network.regtest.genesisBlock)
        #expect(chain.height == 3)
    }

    /// A block that links to nothing is offered after the rest.
    @Test func blocksThatDoNotLinkComeLast() throws {
        var chain = try makeChain(3)
        let strangers = try makeBlocks(3, seed: 9)
        for block in [strangers[2], strangers[0]] { try chain.append(block) }
        let headers = chain.headers(for: GetHeadersMessage(locator: [chain.entries[2].hash]))
        #expect(headers == [chain.entries[3].header, strangers[2].header, strangers[0].header])
    }

    @Test func tooLargeForTheNetwork() throws {
        var chain = try ServedChain(network: .testnet4)
        let block = try makeBlocks(1, size: 5_000_000)[0]
        #expect(throws: EncodeError.self) { try chain.append(block) }
        #expect(chain.height == 0)
    }

    /// The index takes whole blocks as long as they fit; what follows is not found, and what fits later is.
    @Test func indexIsBounded() {
        var index = TransactionIndex(maximumCount: 25)
        let ids = (0..<40).map { Hash256(word0: UInt64($0), word1: 0, word2: 0, word3: 0) }
        for range in [0..<10, 10..<20, 20..<30, 30..<35] {
            index.append(ids: Array(ids[range]), starts: range.map { 10 * $0 }, frameEnd: 10 * range.upperBound)
        }
        #expect(index.count == 25)
        let blocks = ids.map { index.place(of: $0) { _ in true }?.block }
        #expect(blocks[..<20].allSatisfy { $0 == 0 || $0 == 1 } && blocks[20..<30].allSatisfy { $0 == nil })
        #expect(blocks[30..<35].allSatisfy { $0 == 3 } && blocks[35...].allSatisfy { $0 == nil })
        let last = TransactionIndex.Place(block: 1, range: 190..<200)
        #expect(index.place(of: ids[19]) { _ in true } == last)
    }

    /// Ids with the same 32 bits are told apart by their bytes.
    @Test func indexSurvivesEqualFingerprints() {
        var index = TransactionIndex()
        let ids = (0..<3_000).map { Hash256(word0: UInt64($0 % 7), word1: UInt64($0), word2: 0, word3: 0) }
        for block in 0..<3 {
            let part = Array(ids[(block * 1_000)..<((block + 1) * 1_000)])
            index.append(ids: part, starts: part.indices.map { 100 + 10 * $0 }, frameEnd: 100 + 10 * part.count)
            index.append(ids: [], starts: [], frameEnd: 24)
        }
        #expect(index.count == 3_000)
        for number in [0, 1, 999, 1_000, 1_999, 2_500, 2_999] {
            let wanted = TransactionIndex.Place(
                block: 2 * (number / 1_000), range: (100 + 10 * (number % 1_000))..<(110 + 10 * (number % 1_000)))
            #expect(index.place(of: ids[number]) { $0 == wanted } == wanted)
        }
        #expect(index.place(of: ids[0]) { _ in false } == nil)
        #expect(index.place(of: Hash256(word0: 7, word1: 0, word2: 0, word3: 0)) { _ in true } == nil)
    }
}
