internal import PeerLoop
internal import Synchronization

/// A node: it connects to peers and accepts them, on one event loop with worker threads for its listeners.
///
/// It runs from the moment it is made until ``shutdown(within:)``, which must be called: a node that is merely
/// forgotten goes on running.
public final class PeerNode: Sendable {
    let core: NodeCore
    let handle: EventLoopHandle

    /// Starts the loop and the workers. Throws ``NodeError`` for a configuration that cannot be, and
    /// ``/PeerLoop/SystemError`` when the system has no descriptor or thread left.
    public init(_ configuration: PeerConfiguration) throws {
        try configuration.validate()
        var loop = EventLoop.Configuration()
        loop.readByteCountPerTick = configuration.readByteCountPerTick
        // Peers and their sessions keep limits of their own, which know of requests and of the handshake.
        loop.writeLimits = .unlimited
        handle = try EventLoopHandle.start(loop)
        do {
            core = try NodeCore(configuration: configuration, mailbox: Mailbox(waker: handle.waker))
        } catch {
            handle.shutdownAndWait(within: .zero)
            throw error
        }
        let core = core
        handle.run { loop in
            do {
                try NodeLoop.install(core, on: loop)
            } catch {
                preconditionFailure("a verack always encodes: \(error)")
            }
        }
    }

    /// Connects to `HOST:PORT` (the network's port when it is left out) and returns once the handshake is done. A host
    /// with several addresses is tried at each until one answers.
    ///
    /// With `messages`, ``Peer/messages`` begins with the first message of all, `version` included, and the peer is not
    /// read while as many wait for the first `next()`.
    ///
    /// Throws ``/PeerLoop/AddressError``, ``NodeError``, or what ``PeerConfiguration/resolveHost`` threw;
    /// ``NodeError/cancelled`` when the task is cancelled, which ends the attempt.
    @discardableResult
    public func connect(to target: String, messages: MessageBound? = nil) async throws -> Peer {
        let host = try HostAndPort(target, defaultPort: core.configuration.network.defaultPort)
        if core.isShutDown.load(ordering: .acquiring) { throw NodeError.shutDown }
        let addresses = try await addresses(of: host)
        var failure: any Error = AddressError.unresolvable(host: host.host, reason: "no address")
        for address in addresses {
            do {
                return try await connect(to: address, messages: messages)
            } catch NodeError.cancelled {
                throw NodeError.cancelled
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func addresses(of target: HostAndPort) async throws -> [SocketAddress] {
        if let numeric = SocketAddress(numericHost: target.host, port: target.port) { return [numeric] }
        if let resolve = core.configuration.resolveHost {
            return try await core.pool.run(orThrow: NodeError.cancelled) { try resolve(target) }
        }
        if core.configuration.proxy != nil { throw NodeError.nameNotLookedUp(target.host) }
        return try await core.pool.run(orThrow: NodeError.cancelled) { try SocketAddress.resolve(target) }
    }

    /// Connects to an address, from `source` where given, and returns once the handshake is done.
    ///
    /// With `messages`, ``Peer/messages`` begins with the first message of all, `version` included, and the peer is not
    /// read while as many wait for the first `next()`.
    ///
    /// Throws ``NodeError``: the connection or the handshake failed, the node was shut down, or the task was cancelled,
    /// which ends the attempt.
    @discardableResult
    public func connect(
        to address: SocketAddress, from source: SocketAddress? = nil, messages: MessageBound? = nil
    ) async throws(NodeError) -> Peer {
        if let messages, messages.count < 1 {
            throw .invalidConfiguration("messages must be bounded by at least 1")
        }
        // Before it is begun: the loop may be done with it before this thread comes to wait.
        if Task.isCancelled { throw .cancelled }
        let attempt = ConnectAttempt(address)
        let isTaken = core.mailbox.post(.perform { attempt.begin(on: $0, from: source, messages: messages) })
        if !isTaken { attempt.outcome.give(.failure(.shutDown)) }
        let mailbox = core.mailbox
        return try await attempt.outcome.value(whenCancelled: .failure(.cancelled)) {
            mailbox.post(.perform { attempt.abandon(on: $0) })
        }.get()
    }

    /// Accepts peers on `ADDRESS:PORT`, a numeric address; port 0 lets the system choose, see ``PeerServer/address``.
    ///
    /// Throws ``/PeerLoop/AddressError`` or ``NodeError``.
    @discardableResult
    public func listen(on text: String) async throws -> PeerServer {
        try await listen(on: SocketAddress(text, defaultPort: core.configuration.network.defaultPort))
    }

    /// Accepts peers on an address; port 0 lets the system choose, see ``PeerServer/address``.
    ///
    /// Throws ``NodeError``. When the task is cancelled the address is not listened on.
    @discardableResult
    public func listen(on address: SocketAddress) async throws(NodeError) -> PeerServer {
        if Task.isCancelled { throw .cancelled }
        let answer = Answer<Result<PeerServer, NodeError>>()
        let isTaken = core.mailbox.post(
            .perform { node in
                if answer.isGiven { return }
                if node.isShuttingDown {
                    answer.give(.failure(.shutDown))
                    return
                }
                do throws(SystemError) {
                    let server = try node.listen(on: address)
                    if !answer.give(.success(server)) { node.stopListening(server.id) }
                } catch {
                    answer.give(.failure(.listenFailed(address, error)))
                }
            })
        if !isTaken { answer.give(.failure(.shutDown)) }
        return try await answer.value(whenCancelled: .failure(.cancelled)).get()
    }

    /// Totals so far. Any thread.
    public var statistics: NodeStatistics {
        let counters = core.counters
        return NodeStatistics(
            connectedPeers: counters.connectedPeers.load(ordering: .relaxed),
            handshakes: counters.handshakes.load(ordering: .relaxed),
            refusedPeers: counters.refusedPeers.load(ordering: .relaxed),
            receivedMessageCount: counters.receivedMessages.load(ordering: .relaxed),
            receivedByteCount: counters.receivedBytes.load(ordering: .relaxed),
            sentByteCount: counters.sentBytes.load(ordering: .relaxed))
    }

    /// Ends the node: no more peers are taken, what waits is sent, every peer is told goodbye, and the listeners finish
    /// what they were given. Whatever is not done after `limit` is cut short; so is what is left when the task is
    /// cancelled, at once. Returns false when a listener was still busy then.
    @discardableResult
    public func shutdown(within limit: Duration = .seconds(5)) async -> Bool {
        let begin = ContinuousClock.now
        let limit = min(max(limit, .zero), Self.longestShutdown)
        let core = core
        core.isShutDown.store(true, ordering: .releasing)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken = core.mailbox.post(
                    .perform { node in
                        node.shutDown(within: limit)
                        continuation.resume()
                    })
                if !isTaken { continuation.resume() }
            }
            await handle.shutdown(within: limit)
            core.pool.stop()
            core.decoders.stop()
            let left = limit - begin.duration(to: ContinuousClock.now)
            // The loop may have used up the limit; listeners that are done by then still count as finished.
            let areListenersDone = await core.pool.waitUntilStopped(within: max(left, .milliseconds(100)))
            // No code of the application's holds these, but for a decoder of its own messages.
            let areDecodersDone = await core.decoders.waitUntilStopped(within: max(left, .milliseconds(100)))
            return areListenersDone && areDecodersDone
        } onCancel: {
            core.mailbox.post(.perform { $0.cutShutdownShort() })
        }
    }

    /// More would be too much for a clock.
    private static let longestShutdown = Duration.seconds(100 * 365 * 86_400)

    /// Runs `body` on the loop: for the load harness. False when the node is shut down.
    @discardableResult
    package func onLoop(_ body: @escaping @Sendable (NodeLoop) -> Void) -> Bool {
        core.mailbox.post(.perform(body))
    }
}
