import PeerKit
import PeerLoop
import Testing

@Suite(.timeLimit(.minutes(2))) struct ListenerTests {
    /// Listeners of every kind, each of which writes its own name down.
    private static func named(_ log: Log<String>) -> MessageListeners {
        var listeners = MessageListeners()
        listeners.onMessage = { _, message in log.add("message " + message.command.description) }
        listeners.onVersion = {
            log.add("version \($1.startHeight)")
            return nil
        }
        listeners.onVerack = { _ in log.add("verack") }
        listeners.onPing = { log.add("ping \($1 ?? 0)") }
        listeners.onPong = { log.add("pong \($1)") }
        listeners.onGetAddresses = { _ in log.add("getaddr") }
        listeners.onAddresses = { _, list, _ in log.add("addr \(list.addresses.count)") }
        listeners.onInventory = { log.add("inv \($1.items.count)") }
        listeners.onReject = { log.add("reject \($1.reason)") }
        listeners.onGetData = { log.add("getdata \($1.items.count)") }
        listeners.onNotFound = { log.add("notfound \($1.items.count)") }
        listeners.onGetHeaders = { log.add("getheaders \($1.locator.count)") }
        listeners.onHeaders = { log.add("headers \($1.headers.count)") }
        listeners.onTransaction = { log.add("tx \($1.lockTime)") }
        listeners.onBlock = { log.add("block \($1.transactions.count)") }
        listeners.onSendHeaders = { _ in log.add("sendheaders") }
        listeners.onSendCompact = { log.add("sendcmpct \($1.isHighBandwidth)") }
        listeners.onFeeFilter = { log.add("feefilter \($1)") }
        listeners.onSendAddressesV2 = { _ in log.add("sendaddrv2") }
        listeners.onExtendedVersion = { log.add("extversion \($1.entries.count)") }
        listeners.onXVersion = { log.add("xversion \($1.payload.count)") }
        listeners.onXVerack = { _ in log.add("xverack") }
        listeners.onAddressesV2 = { _, list, _ in log.add("addrv2 \(list.addresses.count)") }
        listeners.onGetBlocks = { log.add("getblocks \($1.locator.count)") }
        listeners.onMempool = { _ in log.add("mempool") }
        listeners.onFilterLoad = { log.add("filterload \($1.tweak)") }
        listeners.onFilterAdd = { log.add("filteradd \($1.element.count)") }
        listeners.onFilterClear = { _ in log.add("filterclear") }
        listeners.onMerkleBlock = { log.add("merkleblock \($1.hashes.count)") }
        listeners.onCompactBlock = { log.add("cmpctblock \($1.nonce)") }
        listeners.onGetBlockTransactions = { log.add("getblocktxn \($1.differences.count)") }
        listeners.onBlockTransactions = { log.add("blocktxn \($1.transactions.count)") }
        listeners.onGetCommittedFilters = { log.add("getcfilters \($1.startHeight)") }
        listeners.onCommittedFilter = { log.add("cfilter \($1.filter.count)") }
        listeners.onGetCommittedFilterHeaders = { log.add("getcfheaders \($1.startHeight)") }
        listeners.onCommittedFilterHeaders = { log.add("cfheaders \($1.filterHashes.count)") }
        listeners.onGetCommittedFilterCheckpoints = { log.add("getcfcheckpt \($1.filterType)") }
        listeners.onCommittedFilterCheckpoints = { log.add("cfcheckpt \($1.filterHeaders.count)") }
        listeners.onGetCommittedFilterMempool = { log.add("getcfmempool \($1)") }
        listeners.onDoubleSpendProof = { log.add("dsproof \($1.outpoint.index)") }
        listeners.onUnknown = { log.add("unknown \($1) \($2.count)") }
        listeners.onHandshake = { _ in log.add("handshake") }
        listeners.onDisconnect = { log.add("disconnect \($1)") }
        return listeners
    }

    private static let said: [MessageKind: String] = [
        .version: "version 77", .verack: "verack", .ping: "ping 11", .pong: "pong 12", .getAddresses: "getaddr",
        .addresses: "addr 1", .inventory: "inv 1", .reject: "reject dust", .getData: "getdata 1",
        .notFound: "notfound 1", .getHeaders: "getheaders 1", .headers: "headers 1", .transaction: "tx 7",
        .block: "block 1", .sendHeaders: "sendheaders", .sendCompact: "sendcmpct true", .feeFilter: "feefilter 1000",
        .sendAddressesV2: "sendaddrv2",
        .extendedVersion: "extversion 1",
        .xVersion: "xversion 0",
        .xVerack: "xverack",
        .addressesV2: "addrv2 0",
        .getBlocks: "getblocks 1",
        .mempool: "mempool",
        .filterLoad: "filterload 3",
        .filterAdd: "filteradd 2",
        .filterClear: "filterclear",
        .merkleBlock: "merkleblock 1",
        .compactBlock: "cmpctblock 5",
        .getBlockTransactions: "getblocktxn 2",
        .blockTransactions: "blocktxn 1",
        .getCommittedFilters: "getcfilters 8",
        .committedFilter: "cfilter 3",
        .getCommittedFilterHeaders: "getcfheaders 9",
        .committedFilterHeaders: "cfheaders 2",
        .getCommittedFilterCheckpoints: "getcfcheckpt basic",
        .committedFilterCheckpoints: "cfcheckpt 1",
        .getCommittedFilterMempool: "getcfmempool basic",
        .doubleSpendProof: "dsproof 1",
    ]

    @Test func everyListenerIsCalledOnceAfterOnMessage() async throws {
        let log = Log<String>()
        try await NodeRig.with({ $0.listeners = Self.named(log) }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            try await client.send(Samples.afterHandshake())
            await client.shutDownWriting()
            var expected: [String] = []
            for kind in MessageKind.allCases {
                expected += ["message \(kind.command)", try #require(Self.said[kind])]
                if kind == .verack { expected.append("handshake") }
            }
            expected += ["message box", "unknown box 3", "disconnect \(DisconnectReason.remoteClosed)"]
            let heard = try await log.wait { $0.last?.hasPrefix("disconnect") == true }
            #expect(heard == expected)
        }
    }

    /// One listener alone: only its kind is delivered, and what nobody listens to is still taken and checked.
    @Test(arguments: MessageKind.allCases) func aKindNobodyListensToIsNotDelivered(_ kind: MessageKind) async throws {
        let log = Log<String>()
        let all = Self.named(log)
        try await NodeRig.with({ configuration in
            var listeners = MessageListeners()
            switch kind {
            case .version: listeners.onVersion = all.onVersion
            case .verack: listeners.onVerack = all.onVerack
            case .ping: listeners.onPing = all.onPing
            case .pong: listeners.onPong = all.onPong
            case .getAddresses: listeners.onGetAddresses = all.onGetAddresses
            case .addresses: listeners.onAddresses = all.onAddresses
            case .inventory: listeners.onInventory = all.onInventory
            case .reject: listeners.onReject = all.onReject
            case .getData: listeners.onGetData = all.onGetData
            case .notFound: listeners.onNotFound = all.onNotFound
            case .getHeaders: listeners.onGetHeaders = all.onGetHeaders
            case .headers: listeners.onHeaders = all.onHeaders
            case .transaction: listeners.onTransaction = all.onTransaction
            case .block: listeners.onBlock = all.onBlock
            case .sendHeaders: listeners.onSendHeaders = all.onSendHeaders
            case .sendCompact: listeners.onSendCompact = all.onSendCompact
            case .feeFilter: listeners.onFeeFilter = all.onFeeFilter
            case .sendAddressesV2: listeners.onSendAddressesV2 = all.onSendAddressesV2
            case .extendedVersion: listeners.onExtendedVersion = all.onExtendedVersion
            case .xVersion: listeners.onXVersion = all.onXVersion
            case .xVerack: listeners.onXVerack = all.onXVerack
            case .addressesV2: listeners.onAddressesV2 = all.onAddressesV2
            case .getBlocks: listeners.onGetBlocks = all.onGetBlocks
            case .mempool: listeners.onMempool = all.onMempool
            case .filterLoad: listeners.onFilterLoad = all.onFilterLoad
            case .filterAdd: listeners.onFilterAdd = all.onFilterAdd
            case .filterClear: listeners.onFilterClear = all.onFilterClear
            case .merkleBlock: listeners.onMerkleBlock = all.onMerkleBlock
            case .compactBlock: listeners.onCompactBlock = all.onCompactBlock
            case .getBlockTransactions: listeners.onGetBlockTransactions = all.onGetBlockTransactions
            case .blockTransactions: listeners.onBlockTransactions = all.onBlockTransactions
            case .getCommittedFilters: listeners.onGetCommittedFilters = all.onGetCommittedFilters
            case .committedFilter: listeners.onCommittedFilter = all.onCommittedFilter
            case .getCommittedFilterHeaders: listeners.onGetCommittedFilterHeaders = all.onGetCommittedFilterHeaders
            case .committedFilterHeaders: listeners.onCommittedFilterHeaders = all.onCommittedFilterHeaders
            case .getCommittedFilterCheckpoints:
                listeners.onGetCommittedFilterCheckpoints = all.onGetCommittedFilterCheckpoints
            case .committedFilterCheckpoints: listeners.onCommittedFilterCheckpoints = all.onCommittedFilterCheckpoints
            case .getCommittedFilterMempool: listeners.onGetCommittedFilterMempool = all.onGetCommittedFilterMempool
            case .doubleSpendProof: listeners.onDoubleSpendProof = all.onDoubleSpendProof
            }
            listeners.onDisconnect = all.onDisconnect
            configuration.listeners = listeners
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            try await client.send(Samples.afterHandshake() + [Samples.unknown(100_000)])
            await client.shutDownWriting()
            let heard = try await log.wait { $0.last?.hasPrefix("disconnect") == true }
            let said = try #require(Self.said[kind])
            #expect(heard == [said, "disconnect \(DisconnectReason.remoteClosed)"])
            #expect(rig.node.statistics.receivedMessageCount == MessageKind.allCases.count + 2)
        }
    }

    @Test func anUnknownCommandReachesOnUnknownAlone() async throws {
        let log = Log<String>()
        try await NodeRig.with({
            $0.listeners.onMessage = nil; $0.listeners.onUnknown = Self.named(log).onUnknown
        }) {
            rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            try await client.send([.getAddr, Samples.unknown(70_000), .getAddr, Samples.unknown(0)])
            #expect(try await log.wait(for: 2) == ["unknown box 70000", "unknown box 0"])
        }
    }

    @Test func aNodeWithoutListenersWorks() async throws {
        try await NodeRig.with({ $0.listeners = MessageListeners() }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            try await client.send(Samples.afterHandshake())
            #expect(try await client.receiveFrame()?.command == "pong")
        }
    }

    /// As many as there could be for a while: the peer that comes after them is served all the same.
    @Test func listenersThatBlockLeaveOtherPeersServed() async throws {
        let gate = Gate()
        let log = Log<String>()
        try await NodeRig.with({ configuration in
            configuration.listeners.onPong = { _, _ in
                log.add("blocked")
                gate.pass()
            }
            configuration.listeners.onFeeFilter = { log.add("served \($1)") }
        }) { rig in
            var clients: [RawClient] = []
            for _ in 0..<32 {
                let client = try RawClient(port: rig.port)
                try await client.handshake()
                try await client.send(.pong(nonce: 1))
                clients.append(client)
            }
            try await log.wait(for: 32)
            let last = try RawClient(port: rig.port)
            try await last.handshake()
            try await last.send(.feeFilter(rate: 5))
            #expect(try await log.wait(for: 33).last == "served 5")
            gate.open()
        }
    }

    /// Listeners of one peer never run at once, whatever the number of workers.
    @Test func listenersOfOnePeerRunOneAtATime() async throws {
        let log = Log<UInt64>()
        try await NodeRig.with({ configuration in
            configuration.workers = 4
            configuration.listeners = MessageListeners()
            configuration.listeners.onPong = { log.add($1) }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            for start in stride(from: 0, to: 10_000, by: 100) {
                try await client.send((start..<(start + 100)).map { Message.pong(nonce: UInt64($0)) })
            }
            #expect(try await log.wait(for: 10_000) == (0..<10_000).map(UInt64.init))
        }
    }
}
