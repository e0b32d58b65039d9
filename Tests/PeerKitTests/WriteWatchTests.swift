import PeerWire
import Testing

@testable import PeerKit

@Suite struct WriteWatchTests {
    /// A message that comes when its connection is closed, but not told so yet, was told of before those that still
    /// waited to be sent.
    @Test func whatComesTooLateIsBehindWhatWaits() {
        let watch = WriteWatch(limit: 10, writtenByteCount: 0)
        #expect(!watch.addUnsent(.pong, byteCount: 32), "nothing waits: it may be told at once")
        watch.add(.block, byteCount: 100)
        watch.add(.inventory, byteCount: 50)
        #expect(watch.addUnsent(.ping, byteCount: 32))
        let sent = watch.popSent(upTo: 100)
        #expect(sent?.command == .block)
        // Nothing after that was sent.
        #expect(watch.popSent(upTo: 149) == nil)
        let unsent = [watch.popUnsent(), watch.popUnsent(), watch.popUnsent()]
        #expect(unsent.map { $0?.command } == [.inventory, .ping, nil])
    }
}
