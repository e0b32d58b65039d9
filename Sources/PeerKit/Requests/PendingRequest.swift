internal import PeerSession
internal import PeerWire

typealias RequestAnswer<Value: Sendable> = Answer<Result<Value, RequestError>>

/// A request of the application that a peer has not answered yet. On the loop.
protocol PendingRequest: AnyObject {
    /// The kinds of message that may answer it, as in ``MessageListeners/heardKinds``.
    var kinds: UInt64 { get }
    /// True when somebody waits for it no longer.
    var isOver: Bool { get }
    func fail(_ error: RequestError)
    /// Looks at a message. True when the request is answered.
    func take(_ message: Message, at now: ContinuousClock.Instant) -> Bool
}

extension MessageKind {
    /// The kind as a bit of a mask.
    var bit: UInt64 { 1 << UInt64(rawValue) }
}

/// `ping`.
final class PingRequest: PendingRequest {
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

    func take(_ message: Message, at now: ContinuousClock.Instant) -> Bool {
        guard message == .pong(nonce: nonce) else { return false }
        answer.give(.success(sentAt.duration(to: now)))
        return true
    }
}

/// `getblocktxn`.
final class BlockTransactionsRequest: PendingRequest {
    private let request: GetBlockTransactionsMessage
    private let answer: RequestAnswer<BlockTransactionsMessage>

    init(_ request: GetBlockTransactionsMessage, _ answer: RequestAnswer<BlockTransactionsMessage>) {
        self.request = request
        self.answer = answer
    }

    var kinds: UInt64 { MessageKind.blockTransactions.bit | MessageKind.block.bit }
    var isOver: Bool { answer.isGiven }
    func fail(_ error: RequestError) { answer.give(.failure(error)) }

    func take(_ message: Message, at now: ContinuousClock.Instant) -> Bool {
        switch message {
        case .blockTransactions(let transactions) where transactions.blockHash == request.blockHash:
            answer.give(.success(transactions))
            return true
        case .block(let block):
            guard let transactions = BlockTransactionsMessage(answering: request, from: block) else { return false }
            answer.give(.success(transactions))
            return true
        default:
            return false
        }
    }
}

/// `getheaders`.
final class HeadersRequest: PendingRequest {
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

    /// Whoever keeps the requests has seen that it is an answer to what is on the wire.
    func take(_ message: Message, at now: ContinuousClock.Instant) -> Bool {
        guard isOnWire, case .headers(let headers) = message else { return false }
        answer.give(.success(headers.headers))
        return true
    }
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
