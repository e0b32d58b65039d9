public import PeerSession

/// What a node calls when things happen: one optional closure for each message and event.
///
/// Listeners run on worker threads. Those of one peer run one at a time and in the order of its messages; those of
/// different peers run in parallel. A listener may block: its own peer is slowed down, and others only when as many
/// block as ``PeerConfiguration/maxWorkers``; up to that, threads are added for them. A message kind that nobody
/// listens to is checked and then dropped on the event loop, at no cost to the workers.
public struct MessageListeners: Sendable {
    /// A listener that gets the message as a value.
    public typealias Listener<Value> = @Sendable (Peer, Value) -> Void
    /// A listener of a message without content.
    public typealias Signal = @Sendable (Peer) -> Void

    /// Every message, before the listener of its kind.
    public var onMessage: Listener<Message>?
    /// `version`, before the handshake is done. An answer other than `nil` rejects the peer: it gets a `reject` and is
    /// disconnected. The handshake waits for the answer, within ``PeerConfiguration/handshakeTimeout``.
    ///
    /// A peer is asked of only where ``PeerConfiguration/listeners`` had this when the node was made.
    public var onVersion: (@Sendable (Peer, VersionMessage) -> VersionRejection?)?
    /// `verack`.
    public var onVerack: Signal?
    /// `ping`; it is answered without this.
    public var onPing: Listener<UInt64?>?
    /// `pong`.
    public var onPong: Listener<UInt64>?
    /// `getaddr`.
    public var onGetAddresses: Signal?
    /// `addr`.
    ///
    /// The range is of the entries that came within ``PeerConfiguration/addressRate``; the rest is best ignored.
    public var onAddresses: (@Sendable (Peer, AddressesMessage, Range<Int>) -> Void)?
    /// `inv`.
    public var onInventory: Listener<InventoryMessage>?
    /// `reject`.
    public var onReject: Listener<RejectMessage>?
    /// `getdata`.
    public var onGetData: Listener<InventoryMessage>?
    /// `notfound`.
    public var onNotFound: Listener<InventoryMessage>?
    /// `getheaders`.
    public var onGetHeaders: Listener<GetHeadersMessage>?
    /// `headers`.
    public var onHeaders: Listener<HeadersMessage>?
    /// `tx`.
    public var onTransaction: Listener<Transaction>?
    /// `block`.
    public var onBlock: Listener<Block>?
    /// `sendheaders`.
    public var onSendHeaders: Signal?
    /// `sendcmpct`.
    public var onSendCompact: Listener<SendCompactMessage>?
    /// `feefilter`, in satoshis per thousand bytes.
    public var onFeeFilter: Listener<Int64>?
    /// `sendaddrv2`.
    public var onSendAddressesV2: Signal?
    /// `extversion`, before the handshake is done.
    public var onExtendedVersion: Listener<ExtendedVersionMessage>?
    /// `xversion`.
    public var onXVersion: Listener<XVersionMessage>?
    /// `xverack`.
    public var onXVerack: Signal?
    /// `addrv2`.
    ///
    /// The range is of the entries that came within ``PeerConfiguration/addressRate``; the rest is best ignored.
    public var onAddressesV2: (@Sendable (Peer, AddressesV2Message, Range<Int>) -> Void)?
    /// `getblocks`.
    public var onGetBlocks: Listener<GetBlocksMessage>?
    /// `mempool`.
    public var onMempool: Signal?
    /// `filterload`.
    public var onFilterLoad: Listener<FilterLoadMessage>?
    /// `filteradd`.
    public var onFilterAdd: Listener<FilterAddMessage>?
    /// `filterclear`.
    public var onFilterClear: Signal?
    /// `merkleblock`.
    public var onMerkleBlock: Listener<MerkleBlockMessage>?
    /// `cmpctblock`.
    public var onCompactBlock: Listener<CompactBlockMessage>?
    /// `getblocktxn`.
    public var onGetBlockTransactions: Listener<GetBlockTransactionsMessage>?
    /// `blocktxn`.
    public var onBlockTransactions: Listener<BlockTransactionsMessage>?
    /// `getcfilters`.
    public var onGetCommittedFilters: Listener<GetCommittedFiltersMessage>?
    /// `cfilter`.
    public var onCommittedFilter: Listener<CommittedFilterMessage>?
    /// `getcfheaders`.
    public var onGetCommittedFilterHeaders: Listener<GetCommittedFiltersMessage>?
    /// `cfheaders`.
    public var onCommittedFilterHeaders: Listener<CommittedFilterHeadersMessage>?
    /// `getcfcheckpt`.
    public var onGetCommittedFilterCheckpoints: Listener<GetCommittedFilterCheckpointsMessage>?
    /// `cfcheckpt`.
    public var onCommittedFilterCheckpoints: Listener<CommittedFilterCheckpointsMessage>?
    /// `getcfmempool`.
    public var onGetCommittedFilterMempool: Listener<CommittedFilterType>?
    /// `dsproof-beta`.
    public var onDoubleSpendProof: Listener<DoubleSpendProofMessage>?
    /// A message of the application's own, before the listener of its type, see ``on(_:_:)``.
    public var onCustom: Listener<AnyCustomMessage>?
    /// A command this library has no type for, with its payload as received.
    public var onUnknown: (@Sendable (Peer, Command, WireBytes) -> Void)?

    /// The listeners of ``on(_:_:)``, by command.
    var customListeners: [Command: Listener<AnyCustomMessage>] = [:]

    /// Every frame that was read, before what listens to its message, and every frame that was refused.
    ///
    /// Counts as a message that waits for the listeners, see ``PeerConfiguration/laneMessageLimit``.
    public var onRead: Listener<ReadEvent>?
    /// Every message that was written, this node's own among them, when the kernel has it or it is known that it never
    /// will. What ``Peer/queue(_:)-(Message)`` refuses is not told of here, as its caller knows; nor is what another
    /// thread queued while the peer's end was on its way. Counts as a message that waits for the listeners, too.
    public var onWrite: Listener<WriteEvent>?

    /// The handshake is done. Comes before any message but `version`, `verack` and what came between them.
    public var onHandshake: Signal?
    /// The send queue was over its high mark and is now at half of it or less.
    public var onWritable: Signal?
    /// The peer's offences are too many, this one the last, and it is being disconnected: its address should not be
    /// connected to or accepted for a while.
    public var onDiscouraged: Listener<Offence>?
    /// The peer is gone. The last call for a peer; comes once for each peer whose connection was made.
    public var onDisconnect: Listener<DisconnectReason>?

    /// No listeners.
    public init() {}

    /// Sets the listener of an application's own type, which ``PeerConfiguration/messageRegistry`` must have.
    public mutating func on<Custom: CustomMessage>(_ type: Custom.Type, _ listener: @escaping Listener<Custom>) {
        customListeners[type.command] = { peer, message in
            if let message = message.as(type) { listener(peer, message) }
        }
    }
}
