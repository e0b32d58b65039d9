internal import PeerSession
internal import PeerWire

/// `getdata`.
final class DataRequest: PendingRequest {
    /// What is asked for, in the form in which answers look it up. Made off the loop: there may be many.
    struct Items: Sendable {
        /// Where in the results each goes.
        fileprivate var places: [InventoryVector: [Int]] = [:]
        fileprivate var kinds = MessageKind.notFound.bit
        fileprivate let count: Int

        init(_ items: [InventoryVector]) {
            count = items.count
            for (place, item) in items.enumerated() {
                places[item, default: []].append(place)
                kinds |= item.kind.answers
            }
        }
    }

    var id: UInt64 = 0
    let kinds: UInt64
    private let answer: RequestAnswer<[RequestedItem]>
    /// The one thing that is asked for, `nil` when there are more.
    private let single: InventoryVector?
    /// Those that are not answered yet.
    private var places: [InventoryVector: [Int]]
    private var results: [RequestedItem]

    init(_ items: Items, _ answer: RequestAnswer<[RequestedItem]>) {
        self.answer = answer
        kinds = items.kinds
        places = items.places
        single = items.places.count == 1 ? items.places.keys.first : nil
        results = Array(repeating: .notFound, count: items.count)
    }

    var isOver: Bool { answer.isGiven }
    func fail(_ error: RequestError) { answer.give(.failure(error)) }

    func join(_ pending: PendingRequests) {
        if let single {
            pending.singles[single, default: []].append(self)
        } else {
            pending.batches.append(self)
        }
    }

    func leave(_ pending: PendingRequests) {
        guard let single else { return pending.batches.removeAll { $0 === self } }
        pending.singles[single]?.removeAll { $0 === self }
        if pending.singles[single]?.isEmpty == true { pending.singles[single] = nil }
    }

    /// True when that was the last.
    func finish(_ item: InventoryVector, _ result: RequestedItem) -> Bool {
        guard let found = places.removeValue(forKey: item) else { return false }
        for place in found { results[place] = result }
        if !places.isEmpty { return false }
        answer.give(.success(results))
        return true
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
