import PeerWire

/// Headers, transactions, blocks and filters in the form of the vectors.
extension GoldenFields {
    static func header(_ header: BlockHeader) -> GoldenField {
        .object([
            "hash": .hash(header.hash()), "version": .number(header.version), "prev": .hash(header.previousBlock),
            "merkle": .hash(header.merkleRoot), "time": .number(header.time), "bits": .number(header.bits),
            "nonce": .number(header.nonce),
        ])
    }

    static func transaction(_ transaction: Transaction) -> GoldenField {
        .object([
            "txid": .hash(transaction.hash()), "version": .number(transaction.version),
            "inputs": .list(transaction.inputs) { input in
                .object([
                    "prev_hash": .hash(input.outpoint.transaction), "prev_index": .number(input.outpoint.index),
                    "script": .text(input.script.hexadecimal), "sequence": .number(input.sequence),
                ])
            },
            "outputs": .list(transaction.outputs, output), "locktime": .number(transaction.lockTime),
        ])
    }

    private static func output(_ output: TransactionOutput) -> GoldenField {
        var fields: [String: GoldenField] = [
            "value": .decimal(output.value), "script": .text(output.lockingScript.hexadecimal),
        ]
        if let token = output.token {
            var parts: [String: GoldenField] = [
                "category": .hash(token.category), "bitfield": .number(output.script[33]),
                "has_nft": .flag(token.hasNFT), "capability": .number(token.capability.rawValue),
            ]
            if token.amount > 0 { parts["amount"] = .decimal(token.amount) }
            if !token.commitment.isEmpty { parts["commitment"] = .text(token.commitment.hexadecimal) }
            fields["token"] = .object(parts)
        }
        return .object(fields)
    }

    /// More than four are given by their hashes, more than 24 by the first and the last.
    static func transactions(_ transactions: TransactionList) -> GoldenField {
        guard (5...24).contains(transactions.count) else { return .list(transactions, transaction) }
        return .object([
            "count": .number(transactions.count), "txids": .list(transactions.map { .hash($0.hash()) }),
        ])
    }

    static func bloomFields(of message: Message) -> GoldenField? {
        switch message {
        case .filterLoad(let load):
            var fields: [String: GoldenField] = [
                "hash_funcs": .number(load.hashFunctionCount), "tweak": .number(load.tweak),
                "flags": .number(load.flags.rawValue),
            ]
            fields.setBytes("filter", WireBytes(load.filter))
            return .object(fields)
        case .filterAdd(let addition): return .object(["data": .hex(addition.element)])
        case .merkleBlock(let block):
            return .object([
                "header": header(block.header), "total": .number(block.transactionCount),
                "hashes": .list(block.hashes, GoldenField.hash), "flags": .hex(block.flags),
            ])
        default: return nil
        }
    }

    static func compactFields(of message: Message) -> GoldenField? {
        switch message {
        case .compactBlock(let block):
            .object([
                "header": header(block.header), "nonce": .decimal(block.nonce),
                "short_ids": .list(block.shortIDs) { .text("\($0)") },
                "prefilled": .list(Array(zip(block.prefilled.differences, block.prefilled.transactions))) { entry in
                    .object(["index": .number(entry.0), "tx": transaction(entry.1)])
                },
            ])
        case .getBlockTransactions(let request):
            .object([
                "block": .hash(request.blockHash), "indexes": .list(request.differences) { .number($0) },
            ])
        case .blockTransactions(let answer):
            .object(["block": .hash(answer.blockHash), "txs": transactions(answer.transactions)])
        default: nil
        }
    }

    static func committedFields(of message: Message) -> GoldenField? {
        switch message {
        case .getCommittedFilters(let request), .getCommittedFilterHeaders(let request):
            return .object([
                "filter_type": .number(request.filterType.rawValue), "start_height": .number(request.startHeight),
                "stop": .hash(request.stopHash),
            ])
        case .committedFilter(let filter):
            var fields: [String: GoldenField] = [
                "filter_type": .number(filter.filterType.rawValue), "block": .hash(filter.blockHash),
            ]
            fields.setBytes("data", filter.filter)
            return .object(fields)
        case .committedFilterHeaders(let headers):
            return .object([
                "filter_type": .number(headers.filterType.rawValue), "stop": .hash(headers.stopHash),
                "prev_header": .hash(headers.previousFilterHeader),
                "filter_hashes": .list(headers.filterHashes, GoldenField.hash),
            ])
        case .getCommittedFilterCheckpoints(let request):
            return .object(["filter_type": .number(request.filterType.rawValue), "stop": .hash(request.stopHash)])
        case .committedFilterCheckpoints(let answer):
            return .object([
                "filter_type": .number(answer.filterType.rawValue), "stop": .hash(answer.stopHash),
                "filter_headers": .list(answer.filterHeaders, GoldenField.hash),
            ])
        case .getCommittedFilterMempool(let type): return .object(["filter_type": .number(type.rawValue)])
        default: return nil
        }
    }
}

extension [String: GoldenField] {
    /// Bytes, of which the vectors have only the number when they are many.
    fileprivate mutating func setBytes(_ name: String, _ bytes: WireBytes) {
        if bytes.count > 1_000 {
            self[name + "_len"] = .number(bytes.count)
        } else {
            self[name] = .text(bytes.hexadecimal)
        }
    }
}
