import PeerLoop
import Synchronization
import Testing

extension MemoryTransport {
    /// One read by hand of at most `limit` bytes.
    func read(_ limit: Int = 1 << 16, appendingTo bytes: inout [UInt8]) -> TransportRead {
        var outcome = TransportRead.wouldBlock
        bytes += [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let room = UnsafeMutableRawBufferPointer(buffer)
            var span = OutputRawSpan(buffer: room, initializedCount: 0)
            outcome = read(into: &span)
            count = span.finalize(for: room)
        }
        return outcome
    }

    /// The bytes of one read by hand, `nil` when it came to nothing.
    func read(_ limit: Int = 1 << 16) -> [UInt8]? {
        var bytes: [UInt8] = []
        return read(limit, appendingTo: &bytes) == .appended ? bytes : nil
    }

    func readOutcome() -> TransportRead {
        var bytes: [UInt8] = []
        return read(appendingTo: &bytes)
    }

    func write(_ bytes: [UInt8]) -> TransportWrite { write(bytes.span.bytes) }
}

/// Counts what a transport tells.
final class Notices: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { value.load(ordering: .acquiring) }

    var readiness: TransportReadiness {
        TransportReadiness { _ = self.value.wrappingAdd(1, ordering: .acquiringAndReleasing) }
    }
}

@Suite(.timeLimit(.minutes(2))) struct MemoryTransportTests {
    @Test func bytesComeOutInOrderAtTheOtherEnd() {
        let (here, there) = MemoryTransport.pair(capacity: 10)
        #expect(here.write([1, 2, 3]) == .taken(3))
        #expect(there.write([9]) == .taken(1))
        #expect(here.write([4]) == .taken(1))
        #expect(there.read(2) == [1, 2])
        #expect(there.read() == [3, 4])
        #expect(here.read() == [9])
    }

    @Test func aFullPipeTakesNoMoreThanItsCapacity() {
        let (here, there) = MemoryTransport.pair(capacity: 4)
        #expect(here.write([1, 2, 3]) == .taken(3))
        #expect(here.write([4, 5, 6]) == .taken(1))
        #expect(here.write([5]) == .wouldBlock)
        #expect(there.read(1) == [1])
        #expect(here.write([5, 6]) == .taken(1))
        #expect(there.read() == [2, 3, 4, 5])
    }

    @Test(arguments: [Int.min, 0, 1]) func theLeastCapacityIsOneByte(_ capacity: Int) {
        let (here, there) = MemoryTransport.pair(capacity: capacity)
        #expect(here.write([1, 2]) == .taken(1))
        #expect(here.write([2]) == .wouldBlock)
        #expect(there.read() == [1])
    }

    @Test func whoeverWasTurnedAwayIsToldOnce() {
        let (here, there) = MemoryTransport.pair(capacity: 2)
        let (atHere, atThere) = (Notices(), Notices())
        here.start(atHere.readiness)
        there.start(atThere.readiness)
        #expect(here.write([1]) == .taken(1))
        #expect(atThere.count == 0, "nobody had asked")
        #expect(there.read() == [1])
        #expect(there.readOutcome() == .wouldBlock)
        #expect(here.write([2]) == .taken(1))
        #expect(here.write([3]) == .taken(1))
        #expect(atThere.count == 1)
        #expect(here.write([4]) == .wouldBlock)
        #expect(there.read(1) == [2])
        #expect(there.read(1) == [3])
        #expect(atHere.count == 1)
    }

    @Test func anEndIsReadAfterTheBytesBeforeIt() {
        let (here, there) = MemoryTransport.pair()
        let notices = Notices()
        there.start(notices.readiness)
        #expect(here.write([1]) == .taken(1))
        here.shutDownWriting()
        #expect(notices.count == 1)
        #expect(there.read() == [1])
        #expect(there.readOutcome() == .endOfStream)
        #expect(there.write([2]) == .taken(1), "only one side has ended")
        #expect(here.read() == [2])
    }

    @Test func aClosedEndCanBeReadToTheEndAndNotWrittenTo() {
        let (here, there) = MemoryTransport.pair()
        let notices = Notices()
        there.start(notices.readiness)
        #expect(here.write([1]) == .taken(1))
        here.close()
        #expect(notices.count >= 1)
        guard case .failed(let error) = there.write([2]) else {
            Issue.record("a closed end took bytes")
            return
        }
        #expect(error.isReset)
        #expect(there.read() == [1])
        #expect(there.readOutcome() == .endOfStream)
    }
}
