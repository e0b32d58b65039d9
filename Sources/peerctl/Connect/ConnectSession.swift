import Glibc
import PeerKit
import PeerLoop

/// How the handshake went.
enum ConnectStart: Sendable {
    case established
    case failed(CommandFailure)
    case interrupted
}

/// Why a connection was watched no longer.
enum ConnectEnd: Sendable {
    case count
    case duration
    case interrupted
    case peerLeft(DisconnectReason)
    case outputFailed(LineOutput.Failure)

    /// `nil` when what was asked for was reached. Interrupting is the ordinary way to end.
    func commandFailure(target: String) -> CommandFailure? {
        switch self {
        case .count, .duration, .interrupted: nil
        case .peerLeft(let reason): .failed("\(target) is gone: \(reason)")
        case .outputFailed(let failure): failure.commandFailure
        }
    }
}

/// What is printed of a connection, and when it ends. Called by the peer's listeners, by timers and by signals.
final class ConnectSession: Sendable {
    /// Until the handshake is done it is not known whether this is the connection that stays: a host may have several
    /// addresses.
    private struct Early {
        var messages: [(Duration, Message)] = []
        var version: NodeIntroduction?

        /// Honest nodes negotiate a handful of features; a peer that goes on and on is not kept for ever.
        private static let maxMessages = 64

        mutating func add(_ message: Message, at instant: Duration) {
            if messages.count < Self.maxMessages { messages.append((instant, message)) }
        }
    }

    private struct State {
        var early: [UInt64: Early] = [:]
        /// The peer whose handshake is done.
        var shownPeer: UInt64?
        var shownCount = 0
        var isOver = false
    }

    let start = FirstResult<ConnectStart>()
    let end = FirstResult<ConnectEnd>()
    private let begin = ContinuousClock.now
    private let limit: Int?
    private let report: ConnectReport
    /// Held while printing, so that lines keep their order and none follows the end.
    private let state = Lock(State())

    init(limit: Int?, report: ConnectReport) {
        self.limit = limit
        self.report = report
    }

    private var elapsed: Duration { begin.duration(to: ContinuousClock.now) }

    /// Before the handshake is done this cuts the work short; afterwards it is how watching ends.
    func interrupt() {
        if !start.settle(.interrupted) { finish(.interrupted) }
    }

    func finish(_ reason: ConnectEnd) {
        end.settle(reason)
    }

    func received(_ message: Message, from peer: Peer) {
        state.withLock { state in
            if state.shownPeer == peer.id {
                show(message, at: elapsed, of: peer, &state)
                return
            }
            switch message {
            case .version(let version):
                state.early[peer.id, default: Early()].version = NodeIntroduction(version, localTime: Int64(time(nil)))
            case .verack: break
            default: state.early[peer.id, default: Early()].add(message, at: elapsed)
            }
        }
    }

    func handshaken(_ peer: Peer) {
        state.withLock { state in
            // Otherwise it was given up a moment before. Within the lock, so that no end is reported before this.
            guard start.settle(.established) else { return }
            state.shownPeer = peer.id
            let early = state.early.removeValue(forKey: peer.id)
            if let version = early?.version { print(report.introduction(of: peer, version), &state) }
            for (instant, message) in early?.messages ?? [] { show(message, at: instant, of: peer, &state) }
        }
    }

    func left(_ peer: Peer, _ reason: DisconnectReason) {
        let wasShown = state.withLock { state in
            state.early[peer.id] = nil
            return state.shownPeer == peer.id
        }
        if wasShown { finish(.peerLeft(reason)) }
    }

    /// The last line; none follows it.
    func reportEnd(_ end: ConnectEnd) {
        state.withLock { state in
            print(report.ending(end, messages: state.shownCount, at: elapsed), &state)
            state.isOver = true
        }
    }

    private func show(_ message: Message, at instant: Duration, of peer: Peer, _ state: inout State) {
        if let limit, state.shownCount >= limit { return }
        print(report.line(of: message, at: instant, from: peer), &state)
        state.shownCount += 1
        if state.shownCount == limit { finish(.count) }
    }

    private func print(_ bytes: [UInt8], _ state: inout State) {
        if state.isOver { return }
        do throws(LineOutput.Failure) {
            try LineOutput.write(bytes)
        } catch {
            state.isOver = true
            finish(.outputFailed(error))
        }
    }
}
