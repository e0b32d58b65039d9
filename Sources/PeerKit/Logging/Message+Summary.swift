public import PeerWire

extension Message {
    /// The message in a few words: counts, the first or last hash, heights, texts. Empty for a message without content.
    ///
    /// One line, fit for a terminal and a log: what a peer chose to write is cleaned by ``RemoteText`` and bounded, so
    /// that no summary is over 1,000 bytes. Costs time in proportion to an `inv`'s length; hashes what has a hash.
    public var summary: String { MessageSummary.text(of: self) }
}

/// What ``PeerWire/Message/summary`` says.
private enum MessageSummary {
    /// The switch names every message, so that a new one cannot be forgotten here.
    static func text(of message: Message) -> String {
        switch message {
        case .version(let version):
            "\(RemoteText.clean(version.userAgent.description)), version \(version.protocolVersion), "
                + "height \(version.startHeight)"
        case .verack, .getAddresses, .sendHeaders, .sendAddressesV2, .xVerack, .mempool, .filterClear: ""
        case .ping(let nonce): nonce.map { "nonce \(hex($0))" } ?? "without a nonce"
        case .pong(let nonce): "nonce \(hex(nonce))"
        case .addresses(let message): count(message.addresses.count, "address", "addresses")
        case .inventory(let inventory), .getData(let inventory), .notFound(let inventory): kinds(inventory)
        case .reject(let reject): text(of: reject)
        case .getHeaders(let request), .getBlocks(let request):
            "after \(count(request.locator.count, "hash", "hashes")) from \(request.locator.first ?? .zero)"
                + (request.stop.isZero ? "" : " up to \(request.stop)")
        case .headers(let headers):
            count(headers.headers.count, "header", "headers")
                + (headers.headers.last.map { ", last \($0.hash())" } ?? "")
        case .transaction(let transaction):
            "\(transaction.hash()) \(count(transaction.inputs.count, "input", "inputs")), "
                + count(transaction.outputs.count, "output", "outputs")
        case .block(let block):
            "\(block.hash()) \(count(block.transactions.count, "transaction", "transactions"))"
        case .sendCompact(let preference):
            "\(preference.isHighBandwidth ? "high" : "low") bandwidth, version \(preference.version)"
        case .feeFilter(let rate): "\(rate) sat/kB"
        case .extendedVersion(let message): text(of: message)
        case .xVersion(let message): message.map.map(text) ?? count(message.payload.count, "byte", "bytes")
        case .addressesV2(let message): count(message.addresses.count, "address", "addresses")
        case .filterLoad, .filterAdd, .merkleBlock: bloomText(of: message)
        case .compactBlock, .getBlockTransactions, .blockTransactions: compactText(of: message)
        case .getCommittedFilters, .committedFilter, .getCommittedFilterHeaders, .committedFilterHeaders,
            .getCommittedFilterCheckpoints, .committedFilterCheckpoints, .getCommittedFilterMempool:
            committedFilterText(of: message)
        case .doubleSpendProof(let proof): "of \(proof.outpoint)"
        case .custom(let message):
            (message.base as? any CustomStringConvertible).map { RemoteText.clean("\($0)") } ?? ""
        case .unknown(_, let payload):
            payload.isEmpty ? "" : WireBytes(Array(payload.prefix(24))).hexadecimal + (payload.count > 24 ? "..." : "")
        }
    }

    private static func text(of map: ExtendedVersionMessage) -> String {
        (map.version.map { "version \($0), " } ?? "") + count(map.entries.count, "entry", "entries")
    }

    private static func bloomText(of message: Message) -> String {
        switch message {
        case .filterLoad(let filter):
            "\(count(filter.filter.count, "byte", "bytes")), "
                + count(Int(filter.hashFunctionCount), "function", "functions")
        case .filterAdd(let addition): count(addition.element.count, "byte", "bytes")
        case .merkleBlock(let block):
            "\(block.header.hash()) \(count(block.hashes.count, "hash", "hashes")) of "
                + count(Int(block.transactionCount), "transaction", "transactions")
        default: ""
        }
    }

    private static func compactText(of message: Message) -> String {
        switch message {
        case .compactBlock(let block): "\(block)"
        case .getBlockTransactions(let request):
            "\(count(request.differences.count, "index", "indexes")) of \(request.blockHash)"
        case .blockTransactions(let answer):
            "\(count(answer.transactions.count, "transaction", "transactions")) of \(answer.blockHash)"
        default: ""
        }
    }

    private static func committedFilterText(of message: Message) -> String {
        switch message {
        case .getCommittedFilters(let request), .getCommittedFilterHeaders(let request):
            "from \(request.startHeight) up to \(request.stopHash)"
        case .committedFilter(let filter): "\(count(filter.filter.count, "byte", "bytes")) of \(filter.blockHash)"
        case .committedFilterHeaders(let headers):
            "\(count(headers.filterHashes.count, "hash", "hashes")) up to \(headers.stopHash)"
        case .getCommittedFilterCheckpoints(let request): "up to \(request.stopHash)"
        case .committedFilterCheckpoints(let answer):
            "\(count(answer.filterHeaders.count, "header", "headers")) up to \(answer.stopHash)"
        case .getCommittedFilterMempool(let type): "type \(type)"
        default: ""
        }
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// How many of each kind, in order of first appearance. A peer may make up kinds, a line has room for some.
    private static func kinds(_ inventory: InventoryMessage) -> String {
        let shownKinds = 5
        var counts: [(kind: InventoryKind, count: Int)] = []
        var others = 0
        for item in inventory.items {
            if let index = counts.firstIndex(where: { $0.kind == item.kind }) {
                counts[index].count += 1
            } else if counts.count < shownKinds {
                counts.append((item.kind, 1))
            } else {
                others += 1
            }
        }
        var parts = counts.map { "\($0.count) \($0.kind)" }
        if others > 0 { parts.append("\(others) other") }
        guard let first = inventory.items.first else { return "nothing" }
        return parts.joined(separator: ", ") + ", first \(first.hash)"
    }

    private static func text(of reject: RejectMessage) -> String {
        let command = RemoteText.clean(String(decoding: reject.commandBytes, as: UTF8.self))
        return "\(command) \(reject.code): \(RemoteText.clean(reject.reason))"
            + (reject.hash.map { " \($0)" } ?? "")
    }
}
