import Histogram
import PeerKit

/// Times in microseconds, as the report gives them.
struct LatencySummary: Sendable {
    let count: UInt64
    let p50: UInt64
    let p90: UInt64
    let p99: UInt64
    let p999: UInt64
    let max: UInt64

    init?(_ histogram: Histogram<UInt64>) {
        guard histogram.totalCount > 0 else { return nil }
        count = histogram.totalCount
        p50 = histogram.valueAtPercentile(50)
        p90 = histogram.valueAtPercentile(90)
        p99 = histogram.valueAtPercentile(99)
        p999 = histogram.valueAtPercentile(99.9)
        max = histogram.max
    }

    /// A histogram for times of one microsecond to ten minutes, exact to three digits.
    static func makeHistogram() -> Histogram<UInt64> {
        Histogram<UInt64>(
            lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: .three)
    }
}

/// What the driver measured, handed off the loop when it is done.
struct LoadResult: Sendable {
    var handshaken = 0
    /// Peers that never got through, by reason.
    var failed: [String: Int] = [:]
    /// Peers that got through and were lost before the end, by reason.
    var lost: [String: Int] = [:]
    /// Peers that answered a ping, in every round of the scenario that has rounds.
    var answered = 0
    /// Peers at the end of the steady phase.
    var connectedAtEnd = 0
    /// From the first connect to the last handshake, in seconds.
    var connectSeconds = 0.0
    var handshakeLatency: LatencySummary?
    /// Of the steady phase, in seconds.
    var steadySeconds = 0.0
    var operations: UInt64 = 0
    var failedOperations: UInt64 = 0
    var operationLatency: LatencySummary?
    /// Payload bytes received by the operations of the steady phase.
    var receivedBytes: UInt64 = 0
    /// What the target used, where it is our child.
    var target: TargetUsage?
    /// CPU time of this process over the whole test, in seconds.
    var ownCPUSeconds = 0.0
    /// Why the test ended early, if it did.
    var trouble: String?

    var failedCount: Int { failed.values.reduce(0, +) }
    var lostCount: Int { lost.values.reduce(0, +) }
}

/// What the target process used.
struct TargetUsage: Sendable {
    /// Resident bytes before the first peer, and with all of them.
    var residentBefore: Int
    var residentWithPeers: Int
    /// CPU seconds while peers connected, and in the steady phase.
    var connectCPUSeconds: Double
    var steadyCPUSeconds: Double
}

extension DisconnectReason {
    /// A short name to count peers by that were lost after their handshake.
    var lossCategory: String {
        switch self {
        case .protocolViolation: "broke the protocol"
        case .refusedFrame(.wrongMagic, command: _): "sent another network's magic"
        case .refusedFrame: "sent a bad frame"
        default: loadCategory
        }
    }

    /// A short name to count peers by that did not get through.
    var loadCategory: String {
        switch self {
        case .connectFailed(let code), .transportFailed(let code):
            let error = SystemError(.connect, code: code)
            if error.isRefused { return "refused" }
            if error.isTimedOut { return "timeout" }
            return error.description
        case .connectTimedOut, .handshakeTimedOut: return "timeout"
        case .tooManyPeers: return "too many peers here"
        case .remoteReset: return "reset"
        case .remoteClosed: return "closed by the target"
        case .obsoleteVersion, .missingServices, .selfConnection, .versionRefused, .protocolViolation:
            return "handshake refused"
        case .refusedFrame(.wrongMagic, command: _): return "handshake refused: another network's magic"
        case .refusedFrame: return "handshake refused: bad frame"
        case .idle: return "idle"
        case .pongTimedOut: return "pong timeout"
        case .repliesUnread: return "replies unread"
        case .overBudget: return "over the memory budget"
        case .misbehaved: return "misbehaved"
        case .frameTimedOut: return "frame timeout"
        case .responseTimedOut: return "no answer"
        case .sendStalled: return "reads too slowly"
        case .requested, .shutDown: return "closed by us"
        }
    }
}
