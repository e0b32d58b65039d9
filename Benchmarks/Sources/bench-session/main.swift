// What a session does for a message, without the codec, next to what it has to reach. See `make bench-session`.
import Glibc
import PeerSession
import PeerWire
import WireBench

/// `--json PATH`, `--filter TEXT`, `--profile COUNT`.
func option(_ name: String) -> String? {
    guard let place = CommandLine.arguments.firstIndex(of: name) else { return nil }
    return CommandLine.arguments.dropFirst(place + 1).first
}

/// A session that has shaken hands, with what a host keeps beside it.
final class Host {
    var session: PeerSession
    var now = ContinuousClock().systemEpoch
    var actions = ActionList()

    init(_ group: SessionGroup, seed: UInt64) {
        session = PeerSession(group: group, direction: .inbound, localNonce: seed, seed: seed, at: now)
        let version = VersionFacts(protocolVersion: .current, services: [], nonce: 1)
        for event: SessionEvent in [
            .connected, .message(.version(version), frameByteCount: 126), .message(.verack, frameByteCount: 24),
        ] {
            take(event)
        }
    }

    /// Gives an event so many times and looks at what comes of it.
    func take(_ event: SessionEvent, times: Int) {
        Self.take(event, times, &session, &actions, now)
    }

    /// Apart from the object, whose fields cost a check of exclusive access each time.
    @inline(never)
    private static func take(
        _ event: SessionEvent, _ times: Int, _ session: inout PeerSession, _ actions: inout ActionList,
        _ now: ContinuousClock.Instant
    ) {
        for _ in 0..<times {
            session.handle(event, at: now, into: &actions)
            for index in 0..<actions.count { keep(actions[index]) }
            actions.removeAll()
        }
    }

    func take(_ event: SessionEvent) {
        session.handle(event, at: now, into: &actions)
        actions.forEach { keep($0) }
        actions.removeAll()
    }
}

/// A hash that no other number gives.
func hash(_ number: UInt64) -> Hash256 {
    Hash256(word0: number &* 0x9e37_79b9_7f4a_7c15, word1: number, word2: ~number, word3: 7)
}

func message(_ name: String, _ facts: MessageFacts, _ byteCount: Int, target: Case.Target = Case.Target()) -> Case {
    let host = Host(SessionGroup(configuration: configuration, inventoryKey: (1, 2)), seed: 3)
    let count = 1_000
    return Case(
        name, byteCount: 0, messageCount: count, isShownForOneMessage: true, target: target,
        body: {
            host.take(.message(facts, frameByteCount: byteCount), times: count)
            host.now += .milliseconds(1)
        })
}

/// What many peers are told of the same items, all new to them, each with a full memory of what it knows.
func announcing(peers: Int, items: Int) -> Case {
    let group = SessionGroup(configuration: configuration, inventoryKey: (1, 2))
    let hosts = (0..<peers).map { Host(group, seed: UInt64($0) + 1) }
    var next: UInt64 = 0
    func announce() {
        let batch = (0..<items).map { _ -> InventoryVector in
            next += 1
            return .transaction(hash(next))
        }
        for host in hosts {
            host.session.announce(batch.span, at: host.now, into: &host.actions)
            host.actions.removeAll()
        }
        for host in hosts {
            host.now += .milliseconds(50)
            host.take(.deadlineReached)
        }
    }
    for _ in 0..<(2_000 / items + 1) { announce() }
    return Case(
        "announce to \(peers) peers, a delivery", byteCount: 0, messageCount: peers * items,
        isShownForOneMessage: true, target: Case.Target(nanoseconds: 200, allocations: 0.01), body: announce)
}

let configuration: SessionConfiguration = {
    var configuration = SessionConfiguration(nonceKey: ConnectionNonce.Key(1, 2))
    configuration.pingInterval = SessionConfiguration.longestDuration
    configuration.misbehaviour.isEnabled = false
    return configuration
}()

let free = Case.Target(nanoseconds: 100, allocations: 0)
let cases: [() -> Case] = [
    { message("ping", .ping(nonce: 7, checksum: 9), 32, target: free) },
    { message("pong that was not asked for", .pong(nonce: 7), 32) },
    { message("unknown command", .unknown(Command(literal: "hello")), 24) },
    { message("block", .block(hash(1)), 1_000) },
    {
        let host = Host(SessionGroup(configuration: configuration, inventoryKey: (1, 2)), seed: 3)
        return Case(
            "next deadline", byteCount: 0, messageCount: 1_000, isShownForOneMessage: true,
            target: Case.Target(allocations: 0), body: { for _ in 0..<1_000 { keep(host.session.nextDeadline) } })
    },
    { announcing(peers: 1_000, items: 200) },
]

print("a session takes \(MemoryLayout<PeerSession>.size) bytes at rest (target 600)")
print(Report.heading)
var report = Report()
for make in cases {
    let item = make()
    guard option("--filter").map({ item.name.contains($0) }) ?? true else { continue }
    if let count = option("--profile").flatMap({ Int($0) }) {
        for _ in 0..<count { item.body() }
        continue
    }
    print(report.add(Runner().measure(item)))
    fflush(nil)
}
if let path = option("--json"), let file = fopen(path, "w") {
    fputs(report.json, file)
    fclose(file)
}
exit(MemoryLayout<PeerSession>.size > 600 || report.measurements.contains { $0.verdict == .missed } ? 1 : 0)
