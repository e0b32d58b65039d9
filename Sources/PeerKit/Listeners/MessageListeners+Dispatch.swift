internal import PeerSession

/// What waits in a peer's lane for its listeners.
enum PeerEvent: Sendable {
    /// A message. Of addresses, the first so many are within the peer's rate.
    case message(Message, byteCount: Int, withinRate: Int?)
    case handshake
    case question(HostQuestion)
    case writable
    case discouraged(Offence)
    case disconnected(DisconnectReason)
    indirect case traffic(TrafficEvent)
}

extension MessageListeners {
    /// Calls the listeners of a message. The switch names every message, so that a new one cannot be forgotten here.
    func dispatch(_ message: Message, withinRate: Int?, to peer: Peer) {
        onMessage?(peer, message)
        switch message {
        case .version: break  // Asked of ``onVersion`` on its own.
        case .verack: onVerack?(peer)
        case .ping(let nonce): onPing?(peer, nonce)
        case .pong(let nonce): onPong?(peer, nonce)
        case .getAddresses: onGetAddresses?(peer)
        case .addresses(let addresses): onAddresses?(peer, addresses, 0..<(withinRate ?? addresses.addresses.count))
        case .inventory(let inventory): onInventory?(peer, inventory)
        case .reject(let reject): onReject?(peer, reject)
        case .getData(let inventory): onGetData?(peer, inventory)
        case .notFound(let inventory): onNotFound?(peer, inventory)
        case .getHeaders(let request): onGetHeaders?(peer, request)
        case .headers(let headers): onHeaders?(peer, headers)
        case .transaction(let transaction): onTransaction?(peer, transaction)
        case .block(let block): onBlock?(peer, block)
        case .sendHeaders: onSendHeaders?(peer)
        case .sendCompact(let preference): onSendCompact?(peer, preference)
        case .feeFilter(let rate): onFeeFilter?(peer, rate)
        case .sendAddressesV2: onSendAddressesV2?(peer)
        case .extendedVersion(let message): onExtendedVersion?(peer, message)
        case .xVersion(let message): onXVersion?(peer, message)
        case .xVerack: onXVerack?(peer)
        case .addressesV2(let addresses): onAddressesV2?(peer, addresses, 0..<(withinRate ?? addresses.addresses.count))
        case .getBlocks(let request): onGetBlocks?(peer, request)
        case .mempool: onMempool?(peer)
        case .filterLoad(let filter): onFilterLoad?(peer, filter)
        case .filterAdd(let addition): onFilterAdd?(peer, addition)
        case .filterClear: onFilterClear?(peer)
        case .merkleBlock(let block): onMerkleBlock?(peer, block)
        case .compactBlock(let block): onCompactBlock?(peer, block)
        case .getBlockTransactions(let request): onGetBlockTransactions?(peer, request)
        case .blockTransactions(let transactions): onBlockTransactions?(peer, transactions)
        case .getCommittedFilters(let request): onGetCommittedFilters?(peer, request)
        case .committedFilter(let filter): onCommittedFilter?(peer, filter)
        case .getCommittedFilterHeaders(let request): onGetCommittedFilterHeaders?(peer, request)
        case .committedFilterHeaders(let headers): onCommittedFilterHeaders?(peer, headers)
        case .getCommittedFilterCheckpoints(let request): onGetCommittedFilterCheckpoints?(peer, request)
        case .committedFilterCheckpoints(let checkpoints): onCommittedFilterCheckpoints?(peer, checkpoints)
        case .getCommittedFilterMempool(let type): onGetCommittedFilterMempool?(peer, type)
        case .doubleSpendProof(let proof): onDoubleSpendProof?(peer, proof)
        case .custom(let message):
            onCustom?(peer, message)
            customListeners[message.command]?(peer, message)
        case .unknown(let command, let payload): onUnknown?(peer, command, payload)
        }
    }

    func dispatch(_ event: PeerEvent, to peer: Peer) {
        switch event {
        case .message(let message, _, let withinRate): dispatch(message, withinRate: withinRate, to: peer)
        case .handshake: onHandshake?(peer)
        case .question(let question): answer(question, of: peer)
        case .writable: onWritable?(peer)
        case .discouraged(let offence): onDiscouraged?(peer, offence)
        case .disconnected(let reason): onDisconnect?(peer, reason)
        case .traffic(let event): dispatch(event, to: peer)
        }
    }

    /// The kinds somebody listens to, as bits by ``MessageKind/rawValue``; ``unknownBit`` stands for unknown
    /// commands and the application's own.
    var heardKinds: UInt64 {
        if onMessage != nil { return .max }
        var bits: UInt64 = onUnknown == nil && onCustom == nil && customListeners.isEmpty ? 0 : Self.unknownBit
        for kind in MessageKind.allCases where isHeard(kind) { bits |= 1 << UInt64(kind.rawValue) }
        return bits
    }

    static let unknownBit: UInt64 = 1 << 63

    private func isHeard(_ kind: MessageKind) -> Bool {
        switch kind {
        case .version: onVersion != nil
        case .verack: onVerack != nil
        case .ping: onPing != nil
        case .pong: onPong != nil
        case .getAddresses: onGetAddresses != nil
        case .addresses: onAddresses != nil
        case .inventory: onInventory != nil
        case .reject: onReject != nil
        case .getData: onGetData != nil
        case .notFound: onNotFound != nil
        case .getHeaders: onGetHeaders != nil
        case .headers: onHeaders != nil
        case .transaction: onTransaction != nil
        case .block: onBlock != nil
        case .sendHeaders: onSendHeaders != nil
        case .sendCompact: onSendCompact != nil
        case .feeFilter: onFeeFilter != nil
        case .sendAddressesV2: onSendAddressesV2 != nil
        case .extendedVersion: onExtendedVersion != nil
        case .xVersion: onXVersion != nil
        case .xVerack: onXVerack != nil
        case .addressesV2: onAddressesV2 != nil
        case .getBlocks: onGetBlocks != nil
        case .mempool: onMempool != nil
        case .filterLoad: onFilterLoad != nil
        case .filterAdd: onFilterAdd != nil
        case .filterClear: onFilterClear != nil
        case .merkleBlock: onMerkleBlock != nil
        case .compactBlock: onCompactBlock != nil
        case .getBlockTransactions: onGetBlockTransactions != nil
        case .blockTransactions: onBlockTransactions != nil
        case .getCommittedFilters: onGetCommittedFilters != nil
        case .committedFilter: onCommittedFilter != nil
        case .getCommittedFilterHeaders: onGetCommittedFilterHeaders != nil
        case .committedFilterHeaders: onCommittedFilterHeaders != nil
        case .getCommittedFilterCheckpoints: onGetCommittedFilterCheckpoints != nil
        case .committedFilterCheckpoints: onCommittedFilterCheckpoints != nil
        case .getCommittedFilterMempool: onGetCommittedFilterMempool != nil
        case .doubleSpendProof: onDoubleSpendProof != nil
        }
    }
}
