import PeerWire
import Testing

@testable import PeerSession

@Suite struct CommandTrafficTests {
    private typealias Count = CommandTraffic.Count

    /// Every kind, and none.
    private static let kinds: [MessageKind?] = MessageKind.allCases.map { $0 } + [nil]

    /// Counts in which no two numbers are alike.
    private static func distinct(_ base: Int = 0) -> CommandTraffic {
        var traffic = CommandTraffic()
        for (place, kind) in kinds.enumerated() {
            for _ in 0...place { traffic.countReceived(kind, byteCount: base + place) }
            for _ in 0...(100 + place) { traffic.countSent(kind, byteCount: base + 1_000 + place) }
        }
        return traffic
    }

    @Test func eachKindHasItsOwnRow() {
        let traffic = Self.distinct()
        for (place, kind) in Self.kinds.enumerated() {
            let messages = UInt64(place + 1)
            #expect(traffic[kind].received == Count(messages: messages, bytes: messages * UInt64(place)))
            let sent = messages + 100
            #expect(traffic[kind].sent == Count(messages: sent, bytes: sent * UInt64(1_000 + place)))
        }
    }

    @Test func theRowsComeInTheOrderOfKindsTheOthersLast() {
        let traffic = Self.distinct()
        let rows = Array(traffic)
        #expect(rows.map(\.kind) == Self.kinds)
        for (kind, row) in rows { #expect(row == traffic[kind]) }
        #expect(Array(CommandTraffic()).allSatisfy { $0.row == CommandTraffic.Row() })
    }

    @Test func theTotalIsTheSumOfTheRows() {
        let traffic = Self.distinct()
        var received = Count()
        var sent = Count()
        for (_, row) in traffic {
            received.messages += row.received.messages
            received.bytes += row.received.bytes
            sent.messages += row.sent.messages
            sent.bytes += row.sent.bytes
        }
        #expect(traffic.total == CommandTraffic.Row(received: received, sent: sent))
        #expect(received.messages == UInt64((1...40).reduce(0, +)))
        #expect(CommandTraffic().total == CommandTraffic.Row())
    }

    @Test func loopsAddUp() {
        let (first, second) = (Self.distinct(), Self.distinct(5_000))
        var sum = first
        sum += second
        for kind in Self.kinds {
            #expect(sum[kind].received.messages == first[kind].received.messages + second[kind].received.messages)
            #expect(sum[kind].received.bytes == first[kind].received.bytes + second[kind].received.bytes)
            #expect(sum[kind].sent.messages == first[kind].sent.messages + second[kind].sent.messages)
            #expect(sum[kind].sent.bytes == first[kind].sent.bytes + second[kind].sent.bytes)
        }
        var merged = second
        merged.merge(first)
        #expect(merged == sum)
        #expect(first == Self.distinct(), "a copy is a copy")
    }

    @Test func oneDifferenceAnywhereIsADifference() {
        var all: Set = [CommandTraffic()]
        for kind in Self.kinds {
            var traffic = CommandTraffic()
            traffic.countReceived(kind, byteCount: 24)
            all.insert(traffic)
            traffic = CommandTraffic()
            traffic.countSent(kind, byteCount: 24)
            all.insert(traffic)
        }
        #expect(all.count == 1 + 2 * 40)
    }

    @Test func countsWrapAndDoNotTrap() {
        var count = Count(messages: .max, bytes: .max)
        count.add(byteCount: .max)
        #expect(count == Count(messages: 0, bytes: UInt64(Int.max) - 1))
        count += Count(messages: .max, bytes: .max)
        #expect(count.messages == .max)
        count = Count()
        count.add(byteCount: -1)
        #expect(count == Count(messages: 1, bytes: 0))
    }

    @Test func theCountsLieInPlace() {
        #expect(MessageKind.allCases.count + 1 == 40)
        #expect(MemoryLayout<CommandTraffic>.size == 40 * 32)
    }
}
