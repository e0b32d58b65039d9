internal import PeerLoop
internal import PeerSession
internal import Synchronization

/// What is known of the peer and what it wants. Any thread; nothing here waits but what is `async`.
///
/// What a peer says of itself (services, heights, time, name) need not be true. Once the connection has ended these
/// keep what was last known.
extension Peer {
    /// True when the peer connected to this node.
    public var isInbound: Bool { direction == .inbound }

    /// The address of the other side as messages carry it, with the services the peer offers; without any until its
    /// `version` came.
    public var networkAddress: NetworkAddress { NetworkAddress(address, services: services ?? []) }

    /// This side's address of the connection, asked of the kernel; `nil` while there is no connection.
    public var localAddress: SocketAddress? {
        get async { await onLoop { try? $0.connection?.localAddress() } ?? nil }
    }

    /// True from when the peer's `version` came: what it said is known from then on.
    public var isVersionKnown: Bool { remoteVersion.load() != nil }

    /// True from when the peer's `verack` came, which ends the handshake.
    public var isVerackReceived: Bool { negotiated.load(ordering: .acquiring) != 0 }

    /// The services the peer offers, `nil` until its `version` came.
    public var services: Services? { remoteVersion.load()?.message.services }

    /// The name the peer gave, `nil` until its `version` came.
    public var userAgent: UserAgent? { remoteVersion.load()?.message.userAgent }

    /// How far the peer's clock was ahead of this node's when its `version` came, in seconds, at most 2^31 either way;
    /// `nil` until then.
    public var timeOffsetSeconds: Int64? {
        isVersionKnown ? Int64(timeOffset.load(ordering: .relaxed)) : nil
    }

    /// The height the peer gave in its `version`, `nil` until that came.
    public var startHeight: Int32? { remoteVersion.load()?.message.startHeight }
}

// MARK: - Blocks

extension Peer {
    /// The height of the newest block the peer is known to have: ``startHeight`` at first, then what
    /// ``updateLastBlockHeight(_:)`` says. `nil` until the peer's `version` came.
    public var lastBlockHeight: Int32? {
        isVersionKnown ? knownHeight.load(ordering: .relaxed) : nil
    }

    /// Notes that the peer has a block of this height, as the application found out. The height never falls: a lower
    /// one changes nothing.
    public func updateLastBlockHeight(_ height: Int32) {
        guard isVersionKnown, knownHeight.max(height, ordering: .relaxed).oldValue < height else { return }
        core.mailbox.post(.perform { $0.connection(of: self)?.session.noteBlock(height: height) })
    }

    /// The last block the peer announced by `inv`, or that ``updateLastAnnouncedBlock(_:)`` said; `nil` before the
    /// first.
    public var lastAnnouncedBlock: Hash256? {
        guard let hash = remoteVersion.load()?.announcedBlock.load()?.load(), !hash.isZero else { return nil }
        return hash
    }

    /// Says which block the peer announced last, or with `nil` that what it announced is dealt with. The loop carries
    /// it out, in order with what the same caller asked before; the peer's next `inv` of a block replaces it.
    public func updateLastAnnouncedBlock(_ hash: Hash256?) {
        core.mailbox.post(
            .perform { node in
                guard let connection = node.connection(of: self) else { return }
                connection.session.preferences.lastAnnouncedBlock = hash
                connection.publishAnnouncedBlock()
            })
    }

    /// Whether the application syncs its chain from this peer: kept for it, and of no effect here.
    public var isSyncPeer: Bool {
        get { has(.isSyncPeer) }
        set {
            set(.isSyncPeer, to: newValue)
            core.mailbox.post(.perform { $0.connection(of: self)?.session.isSyncPeer = newValue })
        }
    }
}

// MARK: - Wishes

extension Peer {
    /// The peer wants transactions announced: the relay flag of its `version`, and true once it sent a `filterload`.
    public var wantsTransactions: Bool { has(.wantsTransactions) }

    /// The peer wants blocks announced by `headers` (`sendheaders`).
    public var wantsHeaders: Bool { has(.wantsHeaders) }

    /// The peer wants compact blocks (`sendcmpct` of version 1).
    public var wantsCompactBlocks: Bool { has(.wantsCompactBlocks) }

    /// The peer wants compact blocks unannounced (high-bandwidth `sendcmpct` of version 1).
    public var wantsDirectBlockRelay: Bool { has(.wantsDirectBlockRelay) }

    /// The peer reads `addrv2` (`sendaddrv2` before its `verack`).
    public var wantsAddressesV2: Bool { has(.wantsAddressesV2) }

    /// Whether the peer may send blocks that were not asked for, longer ones than
    /// ``PeerConfiguration/unrequestedBlockByteCap`` too. A `sendcmpct` that this node sends sets it, and so may the
    /// application: from the next bytes read on.
    public var allowsDirectBlockRelay: Bool {
        get { has(.allowsDirectBlockRelay) }
        set {
            set(.allowsDirectBlockRelay, to: newValue)
            core.mailbox.post(
                .perform { node in
                    guard let connection = node.connection(of: self) else { return }
                    connection.session.preferences.allowsDirectBlockRelay = newValue
                    connection.publishAllowance()
                })
        }
    }
}
