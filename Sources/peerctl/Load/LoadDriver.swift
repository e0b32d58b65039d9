import Histogram
import PeerKit
import PeerLoop
import PeerSession
import Synchronization

/// Runs a load test on the loop of its node: connects the peers, runs the scenario, measures. One thread, no hand-offs,
/// so that what it measures is the target.
final class LoadDriver {
    enum Phase {
        case connecting
        case steady
        case closing
        case done
    }

    let plan: LoadPlan
    let node: NodeLoop
    let control: LoadControl
    private(set) var phase = Phase.connecting
    var result = LoadResult()
    private var handshakes = LatencySummary.makeHistogram()
    var operations = LatencySummary.makeHistogram()
    private var peers: [LoadPeer?]
    private var started = 0
    private var settled = 0
    private var connected = 0
    private let beganAt: Int64
    private var steadyBeganAt: Int64 = 0
    /// Marks our own pings among those of the session: the rest of the nonce is the time it was made.
    let nonceTag: UInt64
    /// What `blocks` downloads, once known.
    var blockHashes: [Hash256] = []
    /// True once the steady phase is over and `hold` waits for the answers to its last pings.
    private var isAwaitingAnswers = false

    init(_ plan: LoadPlan, node: NodeLoop, control: LoadControl) {
        self.plan = plan
        self.node = node
        self.control = control
        peers = Array(repeating: nil, count: plan.peers)
        beganAt = node.loop.elapsedNanoseconds
        nonceTag = UInt64.random(in: 1...0xffff) << 48
    }

    func start() {
        while started - settled < plan.concurrency, started < plan.peers { connectNext() }
        watch()
    }

    private func connectNext() {
        let index = started
        started += 1
        let peer = LoadPeer(driver: self, index: index)
        peers[index] = peer
        peer.startedAt = node.loop.elapsedNanoseconds
        node.connect(to: plan.target, from: plan.source(of: index), observer: peer)
    }

    /// Ten times a second: what no event brings about.
    private func watch() {
        if phase == .done { return }
        control.publish(
            LoadProgress(
                phase: "\(phase)", handshaken: result.handshaken, failed: result.failedCount, connected: connected,
                operations: result.operations))
        if let reason = control.stopReason, phase == .connecting || phase == .steady {
            result.trouble = reason
            finish()
        } else if phase == .steady, !isAwaitingAnswers, secondsSince(steadyBeganAt) >= plan.duration {
            endSteadyPhase()
        }
        node.loop.schedule(after: .milliseconds(20)) { [self] _ in watch() }
    }

    func secondsSince(_ begin: Int64) -> Double {
        Double(node.loop.elapsedNanoseconds - begin) / 1e9
    }
}

// MARK: - Connecting

extension LoadDriver {
    func established(_ peer: LoadPeer) {
        result.handshaken += 1
        connected += 1
        handshakes.record(UInt64(max(0, node.loop.elapsedNanoseconds - peer.startedAt)) / 1_000)
        settle()
    }

    func ended(_ peer: LoadPeer, _ reason: DisconnectReason) {
        peers[peer.index] = nil
        if peer.isEstablished {
            connected -= 1
            if phase == .connecting || phase == .steady { result.lost[reason.lossCategory, default: 0] += 1 }
            if phase == .steady, connected == 0 {
                result.trouble = "every peer was lost"
                finish()
            }
        } else if phase == .connecting {
            result.failed[reason.loadCategory, default: 0] += 1
            settle()
        }
        if phase == .closing, connected == 0 { complete() }
    }

    private func settle() {
        settled += 1
        guard phase == .connecting else { return }
        // A target that is not there, or never answers, would otherwise be asked for as long as there are peers.
        if result.handshaken == 0, result.failedCount >= max(plan.concurrency, 16), started < plan.peers {
            result.trouble = "gave up after \(result.failedCount) attempts without one success"
            finish()
        } else if settled == plan.peers {
            endConnectPhase()
        } else {
            // Not at once: a refused connect fails before the next one begins, and would nest as deep as there are
            // peers.
            node.loop.schedule(after: .zero) { [self] _ in
                while phase == .connecting, started - settled < plan.concurrency, started < plan.peers { connectNext() }
            }
        }
    }

    private func endConnectPhase() {
        result.connectSeconds = secondsSince(beganAt)
        control.mark(.connected)
        guard result.handshaken > 0, connected > 0, plan.scenario != .connect else {
            if result.handshaken > 0, connected == 0 { result.trouble = "every peer was lost" }
            finish()
            return
        }
        phase = .steady
        steadyBeganAt = node.loop.elapsedNanoseconds
        for case let peer? in peers { peer.begin() }
    }
}

// MARK: - Steady phase and end

extension LoadDriver {
    var isSteady: Bool { phase == .steady }

    private func endSteadyPhase() {
        result.steadySeconds = secondsSince(steadyBeganAt)
        control.mark(.steadyEnded)
        if plan.scenario == .hold {
            isAwaitingAnswers = true
            for case let peer? in peers { peer.askAgain() }
            // The answers are waited for like any other operation, under the timeout.
            awaitAnswers(until: node.loop.elapsedNanoseconds + Int64(plan.timeout * 1e9))
            return
        }
        finish()
    }

    private func awaitAnswers(until deadline: Int64) {
        let isComplete = !peers.contains { $0.map { $0.isEstablished && $0.inFlight > 0 } ?? false }
        if phase == .steady, !isComplete, node.loop.elapsedNanoseconds < deadline {
            node.loop.schedule(after: .milliseconds(5)) { [self] _ in awaitAnswers(until: deadline) }
        } else if phase == .steady {
            finish()
        }
    }

    /// Ends the test: what is measured is fixed, then every peer is closed.
    private func finish() {
        if phase == .closing || phase == .done { return }
        if result.connectSeconds == 0 { result.connectSeconds = secondsSince(beganAt) }
        if phase == .steady, result.steadySeconds == 0 { result.steadySeconds = secondsSince(steadyBeganAt) }
        result.connectedAtEnd = connected
        if phase == .steady, result.operations == 0, result.trouble == nil {
            result.trouble = "the target completed no operation"
        }
        for case let peer? in peers where peer.hasAnsweredAll(rounds: plan.scenario == .hold ? 2 : 1) {
            result.answered += 1
        }
        result.handshakeLatency = LatencySummary(handshakes)
        result.operationLatency = LatencySummary(operations)
        control.mark(.ended)
        phase = .closing
        for case let peer? in peers { peer.close() }
        if connected == 0 { complete() }
    }

    private func complete() {
        if phase == .done { return }
        phase = .done
        control.complete(result)
    }
}
