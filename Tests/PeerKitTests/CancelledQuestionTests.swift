import PeerKit
import Testing

/// Questions to the loop of a task that is cancelled are answered at once, with nothing.
@Suite(.timeLimit(.minutes(1))) struct CancelledQuestionTests {
    @Test func aCancelledTaskHearsNothing() async throws {
        try await NodeRig.pair { dialler, _, outbound, _ in
            let item = InventoryVector.transaction(Samples.hash)
            outbound.remember([item])
            #expect(await outbound.knows(item))
            let asking = Task {
                // Cancelled before it asks, whatever the loop's answer would be.
                withUnsafeCurrentTask { $0?.cancel() }
                #expect(await !outbound.knows(item))
                #expect(await outbound.knownInventory.isEmpty)
                #expect(await outbound.snapshot == nil)
                #expect(await outbound.preferences == nil)
                #expect(await outbound.localAddress == nil)
                #expect(await outbound.pushAddresses([]).isEmpty)
                #expect(await dialler.node.traffic == CommandTraffic())
                #expect(await dialler.node.outcome(ofBroadcasting: .sendHeaders).takenCount == 0)
            }
            await asking.value
            #expect(await outbound.knownInventory == [item])
            #expect(await dialler.node.traffic != CommandTraffic())
        }
    }
}
