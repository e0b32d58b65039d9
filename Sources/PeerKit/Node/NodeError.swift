internal import PeerLoop
internal import PeerSession

/// Why a node could not do what it was asked.
public enum NodeError: Error, Hashable, Sendable {
    /// A setting that cannot be; the text names it and says what it may be.
    case invalidConfiguration(String)
    /// No connection, or no handshake.
    case connectFailed(SocketAddress, DisconnectReason)
    /// The address cannot be listened on.
    case listenFailed(SocketAddress, SystemError)
    /// A name, where there is a proxy and no ``PeerConfiguration/resolveHost``: looking it up would tell the network
    /// where this node connects.
    case nameNotLookedUp(String)
    /// The node was shut down.
    case shutDown
    /// The task that asked was cancelled.
    case cancelled
}

extension NodeError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .invalidConfiguration(let text): text
        case .connectFailed(let address, .connectFailed(let code)):
            "cannot connect to \(address): \(SystemError(.connect, code: code))"
        case .connectFailed(let address, let reason): "cannot connect to \(address): \(reason)"
        case .listenFailed(let address, let error):
            error.isAddressInUse
                ? "cannot listen on \(address): the port is in use" : "cannot listen on \(address): \(error)"
        case .nameNotLookedUp(let host):
            "'\(host)' is not looked up, as there is a proxy; give an address, or set resolveHost"
        case .shutDown: "the node was shut down"
        case .cancelled: "cancelled"
        }
    }
}

extension PeerConfiguration {
    /// Finds what would otherwise trap or hang later.
    func validate() throws(NodeError) {
        if userAgent.bytes.count > wireLimits.maxUserAgentLength {
            throw .invalidConfiguration("userAgent is over \(wireLimits.maxUserAgentLength) bytes")
        }
        let durations: [(String, Duration)] = [
            ("connectTimeout", connectTimeout), ("goodbyeTimeout", goodbyeTimeout),
        ]
        let allowed = Duration.nanoseconds(1)...Duration.seconds(100 * 365 * 86_400)
        for (name, duration) in durations where !allowed.contains(duration) {
            throw .invalidConfiguration("\(name) must be at least a nanosecond and at most 100 years")
        }
        let counts: [(String, Int)] = [
            ("sendQueueByteCap", sendQueueByteCap), ("laneMessageLimit", laneMessageLimit),
            ("laneByteLimit", laneByteLimit), ("memoryBudgets.receivingByteCount", memoryBudgets.receivingByteCount),
            ("memoryBudgets.laneByteCount", memoryBudgets.laneByteCount),
            ("memoryBudgets.sendingByteCount", memoryBudgets.sendingByteCount),
            ("workers", workers), ("decoders", decoders), ("readByteCountPerTick", readByteCountPerTick),
            ("logMessageLimit", logMessageLimit), ("logByteLimit", logByteLimit),
            ("logDumpByteLimit", logDumpByteLimit), ("writeEventLimit", writeEventLimit),
            ("maxPendingRequests", maxPendingRequests),
        ]
        for (name, count) in counts where count < 1 {
            throw .invalidConfiguration("\(name) must be at least 1")
        }
        if readByteCountPerTick > Self.maxReadByteCountPerTick {
            throw .invalidConfiguration("readByteCountPerTick must be at most \(Self.maxReadByteCountPerTick)")
        }
        // No session is made with this key.
        if let problem = session(nonceKey: ConnectionNonce.Key(0, 0)).problem {
            throw .invalidConfiguration(problem)
        }
        if minimumProtocolVersion.rawValue < 1 {
            throw .invalidConfiguration("minimumProtocolVersion must be at least 1")
        }
        let registered = Set(messageRegistry.commands)
        if let command = listeners.customListeners.keys.first(where: { !registered.contains($0) }) {
            throw .invalidConfiguration("there is a listener of '\(command)', which messageRegistry does not have")
        }
        // What the node itself sends must pass its own limits.
        if wireLimits.maxInventoryCount < inventory.maxItemsPerMessage {
            throw .invalidConfiguration("wireLimits.maxInventoryCount is below inventory.maxItemsPerMessage")
        }
        if wireLimits.maxRejectReasonLength < 111 {
            throw .invalidConfiguration("wireLimits.maxRejectReasonLength must be at least 111")
        }
        try validateOwnMessages()
        if maxWorkers < workers {
            throw .invalidConfiguration("maxWorkers is below workers")
        }
        if sendQueueHighMark > sendQueueByteCap {
            throw .invalidConfiguration("sendQueueHighMark is above sendQueueByteCap")
        }
        if maxInboundPeers < 0 || maxInboundPeersPerAddress < 0 {
            throw .invalidConfiguration("a limit of inbound peers must not be negative; 0 means no limit")
        }
    }
}
