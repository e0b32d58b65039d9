import ArgumentParser
import Glibc
import PeerKit
import TestSupport
import Testing

@testable import peerctl

/// What `peerctl serve` does of its own accord.
@Suite struct ServeTrafficTests {
    /// The payload of the next frame of a command; others before it are passed over.
    private static func payload(of command: String, _ client: BlockingSocket) throws -> [UInt8] {
        while true {
            let header = try client.receive(exactly: 24)
            try #require(header.count == 24, "no \(command) came")
            let length = header[16..<20].reversed().reduce(0) { $0 << 8 | Int($1) }
            let payload = try client.receive(exactly: length)
            if header[4..<16].starts(with: Array(command.utf8) + [0]) { return payload }
        }
    }

    private static func items(_ payload: [UInt8]) throws -> [InventoryVector] {
        try #require(payload.first.map { $0 < 0xfd } == true, "more items than these tests expect")
        return try stride(from: 1, to: payload.count, by: 36).map { place in
            try #require(payload[place..<place + 4].elementsEqual([1, 0, 0, 0]))
            return .transaction(try #require(Hash256(bytes: Array(payload[place + 4..<place + 36]))))
        }
    }

    private static func inventory(_ kind: UInt8, _ hash: Hash256) -> [UInt8] { [1, kind, 0, 0, 0] + hash.bytes }

    // MARK: Announcing

    @Test func announcesTheSeedsTransactionsToEveryPeer() throws {
        let server = try ChildProcess(["serve", "--announce-rate", "200", "--announce-batch", "10", "--seed", "7"])
        let port = try ServeTests.port(server)
        let numbers = (0..<100_000 as Range<UInt64>).lazy.map { number in
            (TransactionAnnouncer.id(seed: 7, number: number), number)
        }
        var known: [Hash256: UInt64] = [:]
        for _ in 0..<2 {
            let client = try ServeTests.handshake(port)
            let items = try (0..<2).flatMap { _ in try Self.items(try Self.payload(of: "inv", client)) }
            #expect(items.count >= 20 && items.count.isMultiple(of: 10))
            if known[items[0].hash] == nil {
                for (hash, number) in numbers {
                    known[hash] = number
                    if hash == items[0].hash { break }
                }
            }
            let first = try #require(known[items[0].hash], "the first item is none of the seed's")
            #expect(first.isMultiple(of: 10))
            let wanted = (first..<first + UInt64(items.count)).map { TransactionAnnouncer.id(seed: 7, number: $0) }
            #expect(items.map(\.hash) == wanted)
            // Nobody has them.
            try client.send(frame("getdata", Self.inventory(1, items[0].hash)))
            #expect(try Self.payload(of: "notfound", client) == Self.inventory(1, items[0].hash))
            client.close()
        }
        server.send(signal: SIGTERM)
        #expect(try server.finish().exitCode == 0)
    }

    @Test func eachSeedHasTransactionsOfItsOwn() throws {
        let options = try TrafficOptions.parse(["--announce-rate", "10", "--announce-batch", "5"])
        var one = TransactionAnnouncer(options, seed: 1)
        var same = TransactionAnnouncer(options, seed: 1)
        var other = TransactionAnnouncer(options, seed: 2)
        #expect(one.interval == .milliseconds(500))
        let items = one.nextBatch() + one.nextBatch()
        #expect(items == same.nextBatch() + same.nextBatch())
        #expect(Set(items + other.nextBatch() + other.nextBatch()).count == 20)
    }

    @Test func endsInOrderAtARateBeyondItsMeans() throws {
        let server = try ChildProcess(["serve", "--announce-rate", "1000000", "--announce-batch", "5000"])
        let clients = try (0..<4).map { [port = try ServeTests.port(server)] _ in try ServeTests.handshake(port) }
        // It announces, and answers all the same.
        _ = try Self.payload(of: "inv", clients[0])
        try clients[0].send(frame("ping", [1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(try Self.payload(of: "pong", clients[0]) == [1, 2, 3, 4, 5, 6, 7, 8])
        for client in clients { client.close() }
        server.send(signal: SIGTERM)
        #expect(try server.finish().exitCode == 0)
    }

    // MARK: Taking blocks

    @Test func takesBlocksThatItDidNotAskFor() throws {
        // Larger than what is taken unasked by default.
        let block = try makeBlocks(1, network: .mainnet, size: 5_000_000)[0]
        for takes in [true, false] {
            let server = try ChildProcess(["serve", "--json"] + (takes ? ["--accept-blocks"] : []))
            let port = try #require(try JSONLine(try server.line()).number("port").flatMap { UInt16(exactly: $0) })
            let client = try ServeTests.handshake(port)
            let ping = frame("ping", [1, 2, 3, 4, 5, 6, 7, 8])
            if takes {
                try client.send(frame("block", block.bytes.array) + ping)
                #expect(try Self.payload(of: "pong", client) == [1, 2, 3, 4, 5, 6, 7, 8])
            } else {
                // Refused at its header, what follows may find the connection closed, or reset.
                try? client.send(frame("block", block.bytes.array) + ping)
                let answer = (try? client.receiveToEnd()) ?? []
                #expect(!String(decoding: answer, as: UTF8.self).contains("pong"))
            }
            client.close()
            server.send(signal: SIGTERM)
            let ended = try #require(try server.finish().objects.last)
            #expect(ended.text("event") == "ended")
            #expect(ended.number("blocks_taken") == (takes ? 1 : nil))
        }
    }

    @Test func asksForBlocksThatAreAnnounced() throws {
        let server = try ChildProcess(["serve", "--accept-blocks"])
        let client = try ServeTests.handshake(try ServeTests.port(server))
        let block = try makeBlocks(1, network: .mainnet)[0]
        // What it has already, it does not ask for.
        try client.send(frame("inv", Self.inventory(2, Network.mainnet.genesisBlock.hash())))
        try client.send(frame("inv", Self.inventory(1, block.hash())))
        try client.send(frame("inv", Self.inventory(2, block.hash())))
        #expect(try Self.payload(of: "getdata", client) == Self.inventory(2, block.hash()))
        try client.send(frame("block", block.bytes.array))
        try client.send(frame("ping", [1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(try Self.payload(of: "pong", client) == [1, 2, 3, 4, 5, 6, 7, 8])
        client.close()
        server.send(signal: SIGTERM)
        #expect(try server.finish().text.hasSuffix(", 1 blocks taken\n"))
    }
}
