import Testing

@testable import PeerWire

@Suite struct TransactionListTests {
    private static func transactions(_ count: Int) throws -> [Transaction] {
        var random = SeededGenerator(state: 21)
        return try random.transactions(count)
    }

    @Test(arguments: [0, 1, 2, 30]) func backToBack(_ count: Int) throws {
        let transactions = try Self.transactions(count)
        let payload: [UInt8] = [9, 9, 9] + transactions.flatMap(\.bytes.array) + [7]
        var offset = 3
        let list = try TransactionList.decode(count: count, from: payload, at: &offset)
        #expect(offset == payload.count - 1)
        #expect(Array(list) == transactions)
        #expect(list == TransactionList(transactions))
        #expect(list.map { Array($0.inputs) } == transactions.map { Array($0.inputs) })
        #expect(list.map { Array($0.outputs) } == transactions.map { Array($0.outputs) })
    }

    @Test(arguments: [0, 1, 2, 30]) func withFieldsBetween(_ count: Int) throws {
        let transactions = try Self.transactions(count)
        var payload: [UInt8] = [9]
        for (place, transaction) in transactions.enumerated() {
            payload += [UInt8](repeating: 0xaa, count: place % 3) + transaction.bytes.array
        }
        payload.append(7)
        var offset = 1
        var place = 0
        let list = try TransactionList.decode(count: count, from: payload, at: &offset) { _, offset in
            offset += place % 3
            place += 1
        }
        #expect(offset == payload.count - 1 && place == count)
        #expect(Array(list) == transactions)
        #expect(list.map { $0.hash() } == transactions.map { $0.hash() })
        #expect(list.map { Array($0.inputs) } == transactions.map { Array($0.inputs) })
        #expect(list.map { Array($0.outputs) } == transactions.map { Array($0.outputs) })
        #expect(list.map(\.lockTime) == transactions.map(\.lockTime))
    }

    @Test func aCutListIsRefused() throws {
        let transactions = try Self.transactions(4)
        let payload = transactions.flatMap { $0.bytes.array }
        for length in 0..<payload.count {
            let cut = Array(payload.prefix(length))
            #expect(throws: DecodeError.self) {
                var offset = 0
                return try TransactionList.decode(count: 4, from: cut, at: &offset)
            }
        }
    }

    @Test func theErrorOfAFieldBetweenComesOut() throws {
        let payload = Array(try Self.transactions(1)[0].bytes)
        let expected = DecodeError(field: "between", offset: 5, reason: .malformed("nothing"))
        #expect(throws: expected) {
            var offset = 0
            return try TransactionList.decode(count: 1, from: payload, at: &offset) {
                (_, _) throws(DecodeError) in throw expected
            }
        }
    }

    @Test func equalWhenTheBytesAre() throws {
        let transactions = try Self.transactions(3)
        let list = TransactionList(transactions)
        #expect(list != TransactionList(transactions.reversed()))
        #expect(list != TransactionList(Array(transactions.prefix(2))))
        #expect(Set([list, TransactionList(transactions.map { $0.detached() }), []]).count == 2)
    }
}
