internal import PeerSession
internal import PeerWire

/// `getdata`.
final class DataRequest: PendingRequest {
    let kinds: UInt64
    private let answer: RequestAnswer<[RequestedItem]>
    /// Where in the results the entries are that are not answered yet.
    private var places: [InventoryVector: [Int]] = [:]
    private var results: [RequestedItem]

    init(_ items: [InventoryVector], _ answer: RequestAnswer<[RequestedItem]>) {
        self.answer = answer
        results = Array(repeating: .notFound, count: items.count)
        var kinds = MessageKind.notFound.bit
        for (place, item) in items.enumerated() {
            places[item, default: []].append(place)
            kinds |= item.kind.answers
        }
        self.kinds = kinds
    }

    var isOver: Bool { answer.isGiven }
    func fail(_ error: RequestError) { answer.give(.failure(error)) }

    func take(_ message: Message, at now: ContinuousClock.Instant) -> Bool {
        guard let kind = message.kind, kinds & kind.bit != 0 else { return false }
        switch message {
        case .block(let block):
            finish(.block(block.hash()), .found(message))
            finish(InventoryVector(kind: .compactBlock, hash: block.hash()), .found(message))
        case .merkleBlock(let block):
            finish(InventoryVector(kind: .filteredBlock, hash: block.header.hash()), .found(message))
        case .compactBlock(let block):
            finish(InventoryVector(kind: .compactBlock, hash: block.header.hash()), .found(message))
        case .transaction(let transaction):
            finish(.transaction(transaction.hash()), .found(message))
        case .doubleSpendProof(let proof):
            finish(InventoryVector(kind: .doubleSpendProof, hash: proof.id), .found(message))
        case .notFound(let list):
            for item in list.items { finish(item, .notFound) }
        default:
            return false
        }
        if !places.isEmpty { return false }
        answer.give(.success(results))
        return true
    }

    private func finish(_ item: InventoryVector, _ result: RequestedItem) {
        for place in places.removeValue(forKey: item) ?? [] { results[place] = result }
    }
}

extension InventoryKind {
    /// The kinds of message that bring such a thing.
    fileprivate var answers: UInt64 {
        switch self {
        case .transaction: MessageKind.transaction.bit
        case .block: MessageKind.block.bit
        case .filteredBlock: MessageKind.merkleBlock.bit
        case .compactBlock: MessageKind.compactBlock.bit | MessageKind.block.bit
        case .doubleSpendProof: MessageKind.doubleSpendProof.bit
        default: 0
        }
    }
}
