import PeerLoop
import Testing

/// What handlers under test saw, added up, for one connection or for many.
final class Witness: Sendable {
    struct Account: Sendable {
        var openedCount = 0
        var bytes: [UInt8] = []
        var wroteByteCount = 0
        var inputEndCount = 0
        var deadlineCount = 0
        var closes: [CloseCause] = []
        var outcomes: [WriteOutcome] = []
    }

    private let account = Lock(Account())
    private let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    func note(_ change: (inout Account) -> Void) {
        account.withLock(change)
        changes.continuation.yield()
    }

    var now: Account { account.withLock { $0 } }
    /// The outcomes of writes, once there is one.
    var firstOutcomes: [WriteOutcome] {
        get async { await wait { !$0.outcomes.isEmpty }.outcomes }
    }

    /// Waits until there is enough, which the time limit of the test bounds. Not for use by two tasks at once.
    @discardableResult
    func wait(until isEnough: (Account) -> Bool) async -> Account {
        if account.withLock({ isEnough($0) }) { return now }
        for await _ in changes.stream where account.withLock({ isEnough($0) }) { break }
        return now
    }

    /// Waits for the first end, and makes sure that no second one follows.
    func waitForOnlyClose(on handle: EventLoopHandle) async throws -> CloseCause? {
        await wait { !$0.closes.isEmpty }
        try await handle.expectQuiet("a connection that ended must not be reported again")
        #expect(now.closes.count == 1)
        return now.closes.first
    }
}

/// Tells a ``Witness`` of everything, and does what a test says.
final class WitnessHandler: ConnectionHandler {
    let witness: Witness
    var onOpen: (Connection) -> Void
    var onReceive: (RawSpan, Connection) -> Void
    var onWritability: (Connection) -> Void
    var onInputEnd: (Connection) -> Void
    var onDeadline: (Connection) -> Void
    var onClose: (Connection) -> Void

    init(
        _ witness: Witness, opened: @escaping (Connection) -> Void = { _ in },
        received: @escaping (RawSpan, Connection) -> Void = { _, _ in },
        writabilityChanged: @escaping (Connection) -> Void = { _ in },
        inputEnded: @escaping (Connection) -> Void = { $0.shutDownWriting() },
        deadline: @escaping (Connection) -> Void = { _ in }, closed: @escaping (Connection) -> Void = { _ in }
    ) {
        self.witness = witness
        onOpen = opened
        onReceive = received
        onWritability = writabilityChanged
        onInputEnd = inputEnded
        onDeadline = deadline
        onClose = closed
    }

    func opened(_ connection: Connection) {
        witness.note { $0.openedCount += 1 }
        onOpen(connection)
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        witness.note { account in bytes.withUnsafeBytes { account.bytes.append(contentsOf: $0) } }
        onReceive(bytes, connection)
    }

    func wrote(_ byteCount: Int, on connection: Connection) {
        witness.note { $0.wroteByteCount += byteCount }
    }

    func writabilityChanged(on connection: Connection) { onWritability(connection) }

    func inputEnded(on connection: Connection) {
        witness.note { $0.inputEndCount += 1 }
        onInputEnd(connection)
    }

    func deadlineReached(on connection: Connection) {
        witness.note { $0.deadlineCount += 1 }
        onDeadline(connection)
    }

    func closed(_ connection: Connection, cause: CloseCause) {
        onClose(connection)
        witness.note { $0.closes.append(cause) }
    }
}

extension Connection {
    /// Writes, and has the outcome noted.
    func write(_ chunk: [UInt8], _ witness: Witness) {
        write(chunk) { outcome in witness.note { $0.outcomes.append(outcome) } }
    }
}

extension [CloseCause] {
    /// So many of one cause and no other.
    func are(_ count: Int, _ cause: CloseCause) -> Bool { self == Array(repeating: cause, count: count) }
    var areResets: Bool { allSatisfy(\.isReset) }
}

extension CloseCause {
    /// A failure with which the other side broke the connection.
    var isReset: Bool {
        if case .failed(let error) = self { error.isReset } else { false }
    }
}

extension Lock where State: Sendable {
    var value: State { withLock { $0 } }
}
