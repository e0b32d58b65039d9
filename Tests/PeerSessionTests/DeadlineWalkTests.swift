import PeerSession
import PeerWire
import Testing

/// Random walks over everything that happens to a session, which ask at each step whether its deadline is right:
/// nothing is due before it, something is at it, and it does not come again and again.
@Suite("The next deadline, along random walks")
struct DeadlineWalkTests {
    private struct Walk {
        var rig: SessionRig
        var random: SystemlessGenerator
        var isPaused = false
        var framesInLane = 0
        var sent: UInt64 = 0
        var awaitedNonce: UInt64?

        init(seed: UInt64) {
            random = SystemlessGenerator(state: seed)
            var configuration = SessionConfiguration.with {
                $0.services = [.network, .bloom]
                $0.postponedByteCap = 20_000
            }
            // Walks of different temper: with mempool deadlines or not, hasty or patient.
            if Bool.random(using: &random) { configuration.responseTimeouts.mempool = .seconds(40) }
            if Bool.random(using: &random) { configuration.pingInterval = .seconds(7) }
            if Bool.random(using: &random) { configuration.inventory.trickleInterval = .zero }
            let direction: PeerSession.Direction = Bool.random(using: &random) ? .inbound : .outbound
            let version: Int32 = Bool.random(using: &random) ? 70_016 : 60_000
            rig = SessionRig(in: .established, direction, configuration, remote: .sample(version), seed: seed)
        }

        mutating func take(_ event: SessionEvent) {
            note(rig.take(event))
        }

        /// At most one ping is outstanding, whatever happens.
        mutating func note(_ actions: [SessionAction]) {
            for nonce in actions.compactMap(\.pingNonce) {
                #expect(awaitedNonce == nil)
                awaitedNonce = nonce
            }
            #expect(rig.session.isAwaitingPong == (awaitedNonce != nil) || rig.session.isClosed)
        }

        mutating func receive() {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                guard let nonce = awaitedNonce else { return }
                awaitedNonce = nil
                take(.message(.pong(nonce: nonce), frameByteCount: 32))
            case 1:
                take(.message(FactSamples.requests.randomElement(using: &random) ?? .getAddresses, frameByteCount: 90))
            default:
                let message = FactSamples.all.randomElement(using: &random) ?? .reject
                switch message {
                // These end every walk.
                case .version, .verack, .xVersion: return
                default: take(.message(message, frameByteCount: 100))
                }
            }
        }

        mutating func happen() {
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1: receive()
            case 2:
                let byteCount = Int.random(in: 0..<(1 << 20), using: &random)
                take(
                    .framePartlyReceived(
                        command: MessageKind.allCases.randomElement(using: &random)?.command,
                        payloadByteCount: byteCount))
            case 3:
                take(isPaused ? .readingResumed : .readingPaused)
                isPaused.toggle()
            case 4:
                take(.enteredLane)
                framesInLane += 1
            case 5 where framesInLane > 0:
                take(.leftLane)
                framesInLane -= 1
                receive()
            case 6:
                sent += UInt64.random(in: 0..<(2 << 20), using: &random)
                let pending = [0, 1 << 19, 1 << 20, 1 << 21].randomElement(using: &random) ?? 0
                take(.sendQueue(pendingByteCount: pending, sentByteCount: sent))
            case 7:
                _ = rig.decide(FactSamples.all.randomElement(using: &random) ?? .getAddresses)
            default:
                var list = ActionList()
                let kinds: [InventoryKind] = [.transaction, .block]
                let item = InventoryVector(
                    kind: kinds[Int.random(in: 0...1, using: &random)],
                    hash: FactSamples.hash(UInt64.random(in: 0..<50, using: &random)))
                rig.session.announce([item].span, at: rig.now, into: &list)
            }
        }

        /// Handles what is due now; each round must do something.
        mutating func handleDue() {
            var rounds = 0
            while !rig.session.isClosed, rig.session.nextDeadline <= rig.now {
                let before = rig.session.nextDeadline
                let actions = rig.take(.deadlineReached)
                note(actions)
                #expect(!actions.isEmpty || rig.session.nextDeadline != before, "a deadline that does nothing")
                rounds += 1
                guard rounds < 200 else {
                    Issue.record("a deadline that comes again and again")
                    return
                }
            }
        }

        /// Lets time pass, never over a deadline.
        mutating func passTime() {
            let due = rig.session.nextDeadline
            let pass = Duration.milliseconds(Int64.random(in: 0..<30_000, using: &random))
            if rig.now + pass < due {
                rig.now += pass
                checkNothingDue()
                return
            }
            rig.now = due - .nanoseconds(1)
            checkNothingDue()
            rig.now = due
        }

        mutating func checkNothingDue() {
            let before = rig.session.nextDeadline
            guard before > rig.now else { return }
            #expect(rig.take(.deadlineReached).isEmpty, "something was due before the deadline")
            #expect(rig.session.nextDeadline == before)
        }
    }

    @Test("it is never missed, never early, and never stands still", arguments: 0..<20)
    func walk(block: Int) {
        var ends = 0
        for seed in 0..<25 {
            var walk = Walk(seed: UInt64(block * 25 + seed))
            for _ in 0..<400 where !walk.rig.session.isClosed {
                walk.happen()
                walk.handleDue()
                if walk.rig.session.isClosed { break }
                walk.passTime()
                walk.handleDue()
            }
            guard walk.rig.session.isClosed else { continue }
            ends += 1
            #expect(walk.rig.session.nextDeadline > walk.rig.now + .seconds(86_400))
        }
        // Walks that all end at once, or never, would show little.
        #expect(ends > 0)
    }
}

/// A generator for the standard library's random functions, from a seed.
struct SystemlessGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
