import Testing

@testable import PeerLoop

@Suite struct TimerQueueTests {
    /// Every operation against a plain dictionary, for many seeds.
    @Test(arguments: 0..<20)
    func behavesLikeASortedList(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var queue = TimerQueue()
        var model: [TimerQueue.Identifier: Int64] = [:]
        var identifiers: [TimerQueue.Identifier] = []
        for _ in 0..<2_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...1:
                identifiers.append(queue.allocate())
            case 2...5:
                guard let identifier = identifiers.randomElement(using: &random) else { continue }
                let deadline = Int64.random(in: 0..<1_000, using: &random)
                queue.arm(identifier, at: deadline)
                model[identifier] = deadline
            case 6:
                guard let identifier = identifiers.randomElement(using: &random) else { continue }
                queue.cancel(identifier)
                model[identifier] = nil
            case 7:
                guard !identifiers.isEmpty else { continue }
                let index = Int.random(in: 0..<identifiers.count, using: &random)
                let identifier = identifiers.remove(at: index)
                queue.release(identifier)
                model[identifier] = nil
            default:
                let now = Int64.random(in: 0..<1_000, using: &random)
                let popped = queue.popDue(at: now)
                let earliest = model.values.min()
                if let popped {
                    #expect(model[popped] == earliest)
                    #expect(model[popped].map { $0 <= now } == true)
                    model[popped] = nil
                } else {
                    #expect(earliest.map { $0 > now } ?? true)
                }
            }
            #expect(queue.earliest == model.values.min())
            #expect(queue.armedCount == model.count)
        }
        for (identifier, deadline) in model { #expect(queue.armedDeadline(of: identifier) == deadline) }
    }
}
