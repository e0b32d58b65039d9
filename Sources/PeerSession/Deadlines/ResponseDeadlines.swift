import PeerWire

/// The answers to this node's requests, each with its own deadline.
public enum ResponseKind: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable, CustomStringConvertible {
    /// `headers`, to `getheaders`.
    case headers
    /// What was asked for with `getdata`, or `notfound`.
    case data
    /// `inv`, to `getblocks`.
    case blockInventory
    /// `inv`, to `mempool`.
    case mempool
    /// `cfilter`.
    case committedFilters
    /// `cfheaders`.
    case committedFilterHeaders
    /// `cfcheckpt`.
    case committedFilterCheckpoints
    /// `blocktxn`.
    case blockTransactions

    /// The command of the answer, or what it is.
    public var description: String {
        switch self {
        case .headers: "headers"
        case .data: "the data asked for"
        case .blockInventory, .mempool: "inv"
        case .committedFilters: "cfilter"
        case .committedFilterHeaders: "cfheaders"
        case .committedFilterCheckpoints: "cfcheckpt"
        case .blockTransactions: "blocktxn"
        }
    }
}

/// The answers that are due from a peer. Deadlines are in the input clock's time, so that what this node did not listen
/// to is not held against the peer. An answer without a deadline is awaited all the same: a block asked for may be long
/// however patient this node is.
///
/// A peer that is asked for nothing owns no memory here. A `getdata` is over when each of its entries was found or not,
/// and `getblocktxn` when each was answered; until then every answer gives the rest its time anew. The other requests
/// are over with their answer; asking again begins the time anew.
struct ResponseDeadlines: Sendable {
    private struct Awaited: Sendable {
        let kind: ResponseKind
        /// `nil` when this kind is waited for without end.
        var deadline: Timestamp?
        /// Of a `getdata`: entries still to come. Not those of unknown kinds, which no node answers, be it with
        /// `notfound` (`PROTOCOL` 2.5). Of `getblocktxn`: the blocks still to be completed.
        var blocks: UInt32 = 0
        var transactions: UInt32 = 0
        var proofs: UInt32 = 0

        var isOver: Bool { blocks == 0 && transactions == 0 && proofs == 0 }
    }

    private var awaited: [Awaited] = []

    /// True when nothing is due.
    var isEmpty: Bool { awaited.isEmpty }

    /// True while an entry for a block of a `getdata`, or the rest of a compact block, is awaited.
    var awaitsBlocks: Bool {
        awaited.contains { ($0.kind == .data && $0.blocks > 0) || $0.kind == .blockTransactions }
    }

    /// The earliest deadline, with what is due then. An answer that the frame under way may be is given the time that
    /// the frame has, if it began in time: frames that follow each other slowly and answer nothing are no excuse.
    func next(_ frame: FrameWatch, _ configuration: SessionConfiguration) -> (kind: ResponseKind, deadline: Timestamp)?
    {
        var earliest: (kind: ResponseKind, deadline: Timestamp)?
        for entry in awaited {
            guard var deadline = entry.deadline else { continue }
            if let whole = frame.deadline(configuration), frame.startedAt <= deadline,
                Self.isAnswer(frame.command, to: entry.kind)
            {
                deadline = max(deadline, whole)
            }
            if let first = earliest, first.deadline <= deadline { continue }
            earliest = (entry.kind, deadline)
        }
        return earliest
    }

    /// True while this is awaited.
    func awaits(_ kind: ResponseKind) -> Bool {
        awaited.contains { $0.kind == kind }
    }

    // MARK: Requests

    mutating func sent(_ message: MessageFacts, at time: Timestamp, _ timeouts: ResponseTimeouts) {
        switch message {
        case .getHeaders: expect(.headers, within: timeouts.headers, at: time)
        case .getBlocks(let range):
            if !range.stop.isZero { expect(.blockInventory, within: timeouts.blockInventory, at: time) }
        case .getData(let items): expectData(items, within: timeouts.data, at: time)
        case .mempool: expect(.mempool, within: timeouts.mempool, at: time)
        case .getCommittedFilters, .getCommittedFilterMempool:
            expect(.committedFilters, within: timeouts.committedFilters, at: time)
        case .getCommittedFilterHeaders:
            expect(.committedFilterHeaders, within: timeouts.committedFilterHeaders, at: time)
        case .getCommittedFilterCheckpoints:
            expect(.committedFilterCheckpoints, within: timeouts.committedFilterCheckpoints, at: time)
        case .getBlockTransactions: expectBlockTransactions(within: timeouts.blockTransactions, at: time)
        // Pings have a schedule of their own; an honest node need not answer a getaddr; the rest asks for nothing.
        case .version, .verack, .ping, .pong, .getAddresses, .addresses, .addressesV2, .inventory, .notFound, .reject,
            .headers, .transaction, .block, .merkleBlock, .compactBlock, .blockTransactions, .doubleSpendProof,
            .sendHeaders, .sendCompact, .feeFilter, .sendAddressesV2, .extendedVersion, .xVersion, .xVerack,
            .filterLoad, .filterAdd, .filterClear, .committedFilter, .committedFilterHeaders,
            .committedFilterCheckpoints, .custom, .unknown:
            break
        }
    }

    private mutating func expect(_ kind: ResponseKind, within timeout: Duration?, at time: Timestamp) {
        let deadline = timeout.map { time + $0 }
        if let index = awaited.firstIndex(where: { $0.kind == kind }) {
            awaited[index].deadline = deadline
        } else {
            awaited.append(Awaited(kind: kind, deadline: deadline))
        }
    }

    private mutating func expectBlockTransactions(within timeout: Duration?, at time: Timestamp) {
        expect(.blockTransactions, within: timeout, at: time)
        guard let index = awaited.firstIndex(where: { $0.kind == .blockTransactions }) else { return }
        awaited[index].blocks = Self.sum(awaited[index].blocks, 1)
    }

    private mutating func expectData(_ items: InventoryFacts, within timeout: Duration?, at time: Timestamp) {
        let deadline = timeout.map { time + $0 }
        var entry = Awaited(kind: .data, deadline: deadline)
        if let index = awaited.firstIndex(where: { $0.kind == .data }) {
            entry = awaited.remove(at: index)
            entry.deadline = deadline
        }
        entry.blocks = Self.sum(entry.blocks, items.blocks)
        entry.transactions = Self.sum(entry.transactions, items.transactions)
        entry.proofs = Self.sum(entry.proofs, items.proofs)
        if !entry.isOver { awaited.append(entry) }
    }

    private static func sum(_ left: UInt32, _ right: UInt32) -> UInt32 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    // MARK: Answers

    mutating func received(_ message: MessageFacts, at time: Timestamp, _ timeouts: ResponseTimeouts) {
        if awaited.isEmpty { return }
        switch message {
        case .headers: finish(.headers)
        case .inventory:
            finish(.blockInventory)
            finish(.mempool)
        case .committedFilter: finish(.committedFilters)
        case .committedFilterHeaders: finish(.committedFilterHeaders)
        case .committedFilterCheckpoints: finish(.committedFilterCheckpoints)
        case .blockTransactions: completeBlock(at: time, timeouts)
        // Bitcoin Cash Node sends a whole block for the transactions of an old one. One that was asked for as such is
        // not taken for it: the transactions may be long, too, and still come.
        case .block where !awaitsWholeBlock: completeBlock(at: time, timeouts)
        case .block, .merkleBlock, .compactBlock: progress(at: time, timeouts) { $0.blocks = Self.less($0.blocks, 1) }
        case .transaction: progress(at: time, timeouts) { $0.transactions = Self.less($0.transactions, 1) }
        case .doubleSpendProof: progress(at: time, timeouts) { $0.proofs = Self.less($0.proofs, 1) }
        case .notFound(let items):
            progress(at: time, timeouts) { entry in
                entry.blocks = Self.less(entry.blocks, items.blocks)
                entry.transactions = Self.less(entry.transactions, items.transactions)
                entry.proofs = Self.less(entry.proofs, items.proofs)
            }
        case .version, .verack, .ping, .pong, .getAddresses, .addresses, .addressesV2, .getData, .reject, .getHeaders,
            .getBlocks, .getBlockTransactions, .sendHeaders, .sendCompact, .feeFilter, .sendAddressesV2,
            .extendedVersion, .xVersion, .xVerack, .mempool, .filterLoad, .filterAdd, .filterClear,
            .getCommittedFilters, .getCommittedFilterHeaders, .getCommittedFilterCheckpoints,
            .getCommittedFilterMempool, .custom, .unknown:
            break
        }
    }

    private mutating func finish(_ kind: ResponseKind) {
        awaited.removeAll { $0.kind == kind }
    }

    private var awaitsWholeBlock: Bool { awaited.contains { $0.kind == .data && $0.blocks > 0 } }

    private mutating func completeBlock(at time: Timestamp, _ timeouts: ResponseTimeouts) {
        guard let index = awaited.firstIndex(where: { $0.kind == .blockTransactions }) else { return }
        awaited[index].blocks = Self.less(awaited[index].blocks, 1)
        awaited[index].deadline = timeouts.blockTransactions.map { time + $0 }
        if awaited[index].isOver { awaited.remove(at: index) }
    }

    /// Only an entry that was asked for is progress: anything else could hold off the deadline for ever.
    private mutating func progress(
        at time: Timestamp, _ timeouts: ResponseTimeouts, _ take: (inout Awaited) -> Void
    ) {
        guard let index = awaited.firstIndex(where: { $0.kind == .data }) else { return }
        let before = awaited[index]
        take(&awaited[index])
        let entry = awaited[index]
        if entry.isOver {
            awaited.remove(at: index)
        } else if (before.blocks, before.transactions, before.proofs)
            != (entry.blocks, entry.transactions, entry.proofs)
        {
            awaited[index].deadline = timeouts.data.map { time + $0 }
        } else {
            return
        }
        delayOthers(at: time, timeouts)
    }

    /// Answers come in the order of the requests, and what was asked for before may be long: while it comes, what was
    /// asked for behind it is not late. That ends with what was asked for.
    private mutating func delayOthers(at time: Timestamp, _ timeouts: ResponseTimeouts) {
        guard let patience = timeouts.data else { return }
        for index in awaited.indices where awaited[index].kind != .data {
            awaited[index].deadline = awaited[index].deadline.map { max($0, time + patience) }
        }
    }

    private static func less(_ count: UInt32, _ answered: UInt32) -> UInt32 {
        count > answered ? count - answered : 0
    }

    // MARK: Under way

    /// True when a frame of this command may be the answer: while it is under way, its own deadline counts.
    static func isAnswer(_ command: Command, to kind: ResponseKind) -> Bool {
        switch (kind, MessageKind(command)) {
        case (.headers, .headers), (.blockInventory, .inventory), (.mempool, .inventory),
            (.committedFilters, .committedFilter), (.committedFilterHeaders, .committedFilterHeaders),
            (.committedFilterCheckpoints, .committedFilterCheckpoints), (.blockTransactions, .blockTransactions),
            (.data, .block), (.data, .merkleBlock), (.data, .compactBlock), (.data, .transaction),
            (.data, .doubleSpendProof), (.data, .notFound), (.blockTransactions, .block):
            true
        default:
            false
        }
    }
}
