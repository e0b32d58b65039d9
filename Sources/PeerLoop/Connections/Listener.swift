/// A listening socket of one loop.
public final class Listener {
    var descriptor: FileDescriptor
    let handler: any AcceptHandler
    /// Number of this listener in its loop.
    public let id: ConnectionID
    /// The address it listens on, with the port the kernel chose when 0 was asked for; ``SocketAddress/unspecified``
    /// for a Unix domain socket.
    public let address: SocketAddress
    /// The Unix domain socket it listens on, where it is one.
    public let unixAddress: UnixAddress?
    /// The file to remove with it.
    let socketFile: SocketFile?
    /// What accepted connections do not inherit from the listening socket.
    let acceptedOptions: SocketOptions?
    /// Connections accepted and given a handler.
    public internal(set) var acceptedCount: UInt64 = 0
    /// Connections closed at once: refused by the handler, or for want of a descriptor.
    public internal(set) var refusedCount: UInt64 = 0
    var isResting = false
    var isClosed = false

    init(
        descriptor: consuming FileDescriptor, handler: any AcceptHandler, id: ConnectionID, address: SocketAddress,
        unixAddress: UnixAddress? = nil, socketFile: SocketFile? = nil, acceptedOptions: SocketOptions? = nil
    ) {
        self.descriptor = descriptor
        self.handler = handler
        self.id = id
        self.address = address
        self.unixAddress = unixAddress
        self.socketFile = socketFile
        self.acceptedOptions = acceptedOptions
    }
}

/// A ``Listener`` stays on its loop.
@available(*, unavailable)
extension Listener: Sendable {}

extension EventLoop {
    /// Stops listening. Accepted connections stay; the file of a Unix domain socket is removed.
    public func close(_ listener: Listener) {
        if listener.isClosed { return }
        listener.isClosed = true
        listener.socketFile?.remove()
        listener.descriptor.close()
        freeSlot(listener.id)
    }

    func acceptWaiting(on listener: Listener) {
        for _ in 0..<configuration.acceptsPerTick {
            if listener.isClosed || listener.isResting { return }
            do throws(SystemError) {
                guard let accepted = try Socket.accept(from: listener.descriptor) else { return }
                take(accepted, on: listener)
            } catch {
                if error.isOutOfDescriptors { refuseForWantOfDescriptors(listener) }
                rest(listener)
                listener.handler.acceptFailed(error, on: self)
                return
            }
        }
        tally[.acceptBudget] &+= 1
    }

    private func take(_ accepted: consuming AcceptedSocket, on listener: Listener) {
        let address = accepted.address
        guard let handler = listener.handler.accept(from: address, on: self) else {
            noteRefused(listener)
            return
        }
        do throws(SystemError) {
            // The handler may have had the loop shut down just now, when all others were told to finish.
            try requireRunning(.accept)
            if let options = listener.acceptedOptions {
                try Socket.apply(options, to: accepted.descriptor, isNew: true)
            }
            let connection = try register(
                accepted.descriptor, address: address, isInbound: true, phase: .open, handler: handler)
            listener.acceptedCount += 1
            tally[.accepted] &+= 1
            if spareDescriptor == nil { spareDescriptor = Socket.spare() }
            handler.opened(connection)
        } catch {
            noteRefused(listener)
            listener.handler.discard(handler, error, on: self)
            listener.handler.acceptFailed(error, on: self)
        }
    }

    private func noteRefused(_ listener: Listener) {
        listener.refusedCount += 1
        tally[.refused] &+= 1
    }

    /// Takes what waits with the spare descriptor and closes it, so that each maker learns at once.
    private func refuseForWantOfDescriptors(_ listener: Listener) {
        for _ in 0..<configuration.acceptsPerTick {
            spareDescriptor = nil
            let isRefused = (try? Socket.accept(from: listener.descriptor)) != nil
            spareDescriptor = Socket.spare()
            if !isRefused { return }
            noteRefused(listener)
        }
    }

    /// A listener with waiting connections that cannot be taken would make every wait return at once.
    private func rest(_ listener: Listener) {
        listener.isResting = true
        try? poller.modify(listener.descriptor, [], token: listener.id.token)
        let identifier = allocateTimer(owner: .listener(listener))
        armTimer(identifier, at: nanoseconds(after: configuration.acceptBackOff))
    }

    func resume(_ listener: Listener) {
        if listener.isClosed { return }
        listener.isResting = false
        // Somebody else may have had its place when it was to be taken again.
        if spareDescriptor == nil { spareDescriptor = Socket.spare() }
        try? poller.modify(listener.descriptor, .read, token: listener.id.token)
    }
}

extension EventLoop {
    /// The listener with this number, `nil` when it is closed.
    public func listener(_ id: ConnectionID) -> Listener? {
        guard Int(id.slot) < slots.count else { return nil }
        let slot = slots[Int(id.slot)]
        guard slot.generation == id.generation, case .listener(let listener) = slot.registration else { return nil }
        return listener
    }
}
