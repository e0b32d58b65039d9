import PeerWire
import Testing

@testable import PeerSession

@Suite("Connections of a node to itself")
struct SelfConnectionTests {
    @Test("any nonce of the node is recognised, by either side", arguments: PeerSession.Direction.allCases)
    func selfConnection(direction: PeerSession.Direction) {
        for index in 0..<100 as Range<UInt32> {
            var rig = SessionRig(in: .awaitingVersion, direction)
            let nonce = SessionRig.key.makeNonce(random: index &* 0x9e37_79b9)
            #expect(rig.take(.version(.sample(nonce: nonce))) == [.close(.selfConnection, flushFirst: false)])
        }
    }

    /// bchd keeps the last 50 nonces it sent: with more dials under way a node connects to itself unseen. Here every
    /// dial is to the node itself, and strangers connect in between.
    @Test("1,000 dials to itself at once are all found out, and no stranger is taken for one", arguments: [1, 2, 3])
    func concurrent(seed: UInt64) {
        let count = 1_000
        var random = SplitMix64(seed: seed)
        let node = SessionGroup.plain()
        let strangers = ConnectionNonce.Key(random.next(), random.next())
        func session(_ direction: PeerSession.Direction, _ nonce: UInt64) -> SessionRig {
            SessionRig(direction, group: node, nonce: nonce, seed: random.next())
        }
        func marked(_ key: ConnectionNonce.Key) -> UInt64 {
            key.makeNonce(random: UInt32(truncatingIfNeeded: random.next()))
        }
        var dialling = (0..<count).map { _ in session(.outbound, marked(SessionRig.key)) }
        // As many with a stranger at the other end of the dialled or accepted connection.
        var accepting = (0..<2 * count).map { _ in session(.inbound, random.next()) }
        var others = (0..<count).map { _ in session(.outbound, marked(SessionRig.key)) }

        enum Step { case dial(Int), accept(Int), version(Int), strange(Int), answer(Int) }
        var steps: [[Step]] = (0..<count).map { [.dial($0), .accept($0), .version($0)] }
        steps += (0..<count).map { [.accept(count + $0), .strange($0)] }
        steps += (0..<count).map { [.answer($0)] }
        var isRefused = [Bool](repeating: false, count: 2 * count)
        while !steps.isEmpty {
            // Each connection goes on in its own order, all of them mixed.
            let pick = Int(random.next() % UInt64(steps.count))
            switch steps[pick].removeFirst() {
            case .dial(let index): #expect(dialling[index].take(.connected).count == 1)
            case .accept(let index): accepting[index].take(.connected)
            case .version(let index):
                let version = VersionFacts.sample(nonce: dialling[index].session.localNonce)
                isRefused[index] = accepting[index].take(.version(version)).closeReason == .selfConnection
            case .strange(let index):
                let version = VersionFacts.sample(nonce: marked(strangers))
                isRefused[count + index] = accepting[count + index].take(.version(version)).closeReason != nil
            case .answer(let index):
                others[index].take(.connected)
                #expect(others[index].take(.version(.sample(nonce: marked(strangers)))).last == .sendVerack)
            }
            if steps[pick].isEmpty {
                steps.swapAt(pick, steps.count - 1)
                steps.removeLast()
            }
        }
        #expect(isRefused.prefix(count).allSatisfy { $0 })
        #expect(isRefused.suffix(count).allSatisfy { !$0 })
        #expect(accepting.prefix(count).allSatisfy { $0.session.isClosed })
        #expect(accepting.suffix(count).allSatisfy { $0.session.state == .awaitingVerack })
    }

    @Test("the session's own nonce is recognised even when it is not marked")
    func ownNonce() {
        var rig = SessionRig(in: .awaitingVersion)
        #expect(!SessionRig.key.isOwn(SessionRig.nonce))
        #expect(
            rig.take(.version(.sample(nonce: SessionRig.nonce))) == [.close(.selfConnection, flushFirst: false)])
    }

    @Test("a missing nonce is not ours, even where ours is 0")
    func missingNonce() {
        var rig = SessionRig(.outbound, nonce: 0)
        rig.take(.connected)
        #expect(rig.take(.version(.sample(nonce: 0))).last == .sendVerack)
    }

    @Test("they can be allowed")
    func allowed() {
        var rig = SessionRig(in: .awaitingVersion, .inbound, .with { $0.allowSelfConnections = true })
        #expect(rig.take(.version(.sample(nonce: SessionRig.key.makeNonce(random: 5)))).last == .sendVerack)
    }
}
