internal import PeerSession
internal import PeerWire

typealias RequestAnswer<Value: Sendable> = Answer<Result<Value, RequestError>>

/// A request of the application that a peer has not answered yet. On the loop.
protocol PendingRequest: AnyObject {
    /// Unique in its peer.
    var id: UInt64 { get set }
    /// The kinds of message that may answer it, as in ``MessageListeners/heardKinds``.
    var kinds: UInt64 { get }
    /// True when nobody waits for it any more.
    var isOver: Bool { get }
    func fail(_ error: RequestError)
    /// Puts itself where its answer finds it.
    func join(_ pending: PendingRequests)
    func leave(_ pending: PendingRequests)
}

extension MessageKind {
    /// The kind as a bit of a mask.
    var bit: UInt64 { 1 << UInt64(rawValue) }
}

/// `ping`.
final class PingRequest: PendingRequest {
    var id: UInt64 = 0
    private let nonce: UInt64
    private let sentAt: ContinuousClock.Instant
    private let answer: RequestAnswer<Duration>

    init(_ nonce: UInt64, sentAt: ContinuousClock.Instant, _ answer: RequestAnswer<Duration>) {
        self.nonce = nonce
        self.sentAt = sentAt
        self.answer = answer
    }

    var kinds: UInt64 { MessageKind.pong.bit }
    var isOver: Bool { answer.isGiven }
    func fail(_ error: RequestError) { answer.give(.failure(error)) }
    func join(_ pending: PendingRequests) { pending.pings[nonce] = self }
    func leave(_ pending: PendingRequests) { pending.pings[nonce] = nil }

    func answer(at now: ContinuousClock.Instant) { answer.give(.success(sentAt.duration(to: now))) }
}

/// `getblocktxn`.
final class BlockTransactionsRequest: PendingRequest {
    var id: UInt64 = 0
    private let request: GetBlockTransactionsMessage
    private let answer: RequestAnswer<BlockTransactionsMessage>

    init(_ request: GetBlockTransactionsMessage, _ answer: RequestAnswer<BlockTransactionsMessage>) {
        self.request = request
        self.answer = answer
    }

    var kinds: UInt64 { MessageKind.blockTransactions.bit | MessageKind.block.bit }
    var isOver: Bool { answer.isGiven }
    func fail(_ error: RequestError) { answer.give(.failure(error)) }
    func join(_ pending: PendingRequests) { pending.blockTransactions.append(self) }
    func leave(_ pending: PendingRequests) { pending.blockTransactions.removeAll { $0 === self } }

    /// True when it is the answer.
    func take(_ transactions: BlockTransactionsMessage) -> Bool {
        guard transactions.blockHash == request.blockHash else { return false }
        answer.give(.success(transactions))
        return true
    }

    /// True when it has the answer.
    func take(_ block: Block) -> Bool {
        guard let transactions = BlockTransactionsMessage(answering: request, from: block) else { return false }
        return take(transactions)
    }
}

/// `getheaders`.
final class HeadersRequest: PendingRequest {
    var id: UInt64 = 0
    let message: GetHeadersMessage
    /// Whether its answer is the next one.
    var isOnWire = false
    private let answer: RequestAnswer<[BlockHeader]>

    init(_ message: GetHeadersMessage, _ answer: RequestAnswer<[BlockHeader]>) {
        self.message = message
        self.answer = answer
    }

    var kinds: UInt64 { MessageKind.headers.bit }
    var isOver: Bool { answer.isGiven }
    func fail(_ error: RequestError) { answer.give(.failure(error)) }
    func join(_ pending: PendingRequests) { pending.headers.append(self) }
    func leave(_ pending: PendingRequests) { pending.headers.removeAll { $0 === self } }

    func answer(_ headers: [BlockHeader]) { answer.give(.success(headers)) }
}

extension GetHeadersMessage {
    /// Whether these headers can be an answer to this request and not an announcement: there are none, or they go on
    /// from a block of the locator, or from the first block of all, when none of the locator is known. Without a
    /// locator one header was asked for.
    func isAnswered(by headers: [BlockHeader], genesis: Hash256) -> Bool {
        guard let first = headers.first else { return true }
        if locator.isEmpty { return first.hash() == stop }
        return first.previousBlock == genesis || locator.contains(first.previousBlock)
    }
}
