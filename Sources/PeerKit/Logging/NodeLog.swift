internal import Logging
internal import PeerLoop
internal import PeerWire

/// A node's log: records are made on the loop, text and output on the workers, one record at a time and in order.
///
/// What waits is bounded. What does not fit is counted, and the count is told once half of what waited is written.
final class NodeLog: Sendable {
    /// Whether each message gets a line.
    let tellsMessages: Bool
    let lane: Lane<LogRecord>
    private let meter: LogMeter

    /// `nil` when the logger would drop all that a node says. The logger's level is looked at here only.
    init?(_ configuration: PeerConfiguration, registry: MessageRegistry?) {
        guard let logger = configuration.logger, logger.logLevel <= .notice else { return nil }
        let meter = LogMeter(messageLimit: configuration.logMessageLimit, byteLimit: configuration.logByteLimit)
        let writer = LogWriter(
            logger: logger, dumpedByteLimit: configuration.logDumpByteLimit,
            format: LogFormat(
                magic: configuration.network.magic, limits: configuration.wireLimits, registry: registry))
        self.meter = meter
        tellsMessages = logger.logLevel <= .debug
        lane = Lane { record in
            writer.write(record)
            let lost = meter.finished(record.byteCount)
            if lost > 0 { writer.writeLost(lost) }
        }
    }

    /// Takes room for a record that holds on to so many bytes; false, and counted as lost, when there is none. An empty
    /// log takes one record of any size.
    func reserve(_ byteCount: Int) -> Bool { meter.reserve(byteCount) }

    /// Adds a record that room was taken for. True when the lane has to be scheduled.
    func append(_ record: LogRecord) -> Bool { lane.append(record) }
}

/// What waits to be written, counted by the loop that adds and the worker that writes. Under a lock, so that whoever
/// counts a loss knows that somebody will still come by to tell of it.
final class LogMeter: Sendable {
    private struct State {
        var records = 0
        var bytes = 0
        var lost = 0
    }

    private let messageLimit: Int
    private let byteLimit: Int
    private let state = Lock(State())

    init(messageLimit: Int, byteLimit: Int) {
        self.messageLimit = messageLimit
        self.byteLimit = byteLimit
    }

    func reserve(_ byteCount: Int) -> Bool {
        state.withLock { state in
            if state.records > 0, state.records >= messageLimit || state.bytes + byteCount > byteLimit {
                state.lost += 1
                return false
            }
            state.records += 1
            state.bytes += byteCount
            return true
        }
    }

    /// A record is written. Returns the lines lost that are to be told of now.
    func finished(_ byteCount: Int) -> Int {
        state.withLock { state in
            state.records -= 1
            state.bytes -= byteCount
            // Not at once: while more comes than goes, every other line would tell of a few lost ones.
            guard state.lost > 0, state.records <= messageLimit / 2, state.bytes <= byteLimit / 2 else { return 0 }
            defer { state.lost = 0 }
            return state.lost
        }
    }
}
