/// What is at one end of a connection: a host around a session, or an adversary.
protocol Endpoint: AnyObject {
    var id: Int32 { get }
    /// The connection is up.
    func connected()
    /// It could not be made.
    func connectFailed(timedOut: Bool)
    /// Bytes, the end or a reset have arrived, or are still there.
    func readable()
    /// The kernel takes bytes again.
    func writable()
    /// Something scheduled for this endpoint is due.
    func take(_ event: ScheduledEvent)
}

/// A connection of the simulated TCP: two directions and two ends. End 0 dialled.
final class SimConnection {
    let id: Int32
    let profile: LinkProfile
    var pipes: [Pipe]
    var ends: [Int32]
    var isUp = false
    /// Which ends have closed their socket for good.
    var isGone = [false, false]
    /// Frames written to each direction and not taken off it yet.
    var logs = [FrameLog(), FrameLog()]

    let target: Simulation.Target

    init(id: Int32, profile: LinkProfile, ends: [Int32], target: Simulation.Target) {
        self.id = id
        self.target = target
        self.profile = profile
        self.ends = ends
        pipes = [Pipe(profile), Pipe(profile)]
    }
}

extension Simulation {
    /// Writes at an end; how many bytes the kernel took.
    func write(_ bytes: [UInt8], from start: Int, to connection: SimConnection, end: Int) -> Int {
        let taken = connection.pipes[end].write(bytes, from: start, connection.profile)
        if taken > 0 { transmit(connection, end) }
        return taken
    }

    /// Shuts down writing: the other end sees the end of the stream behind all that was written.
    func shut(_ connection: SimConnection, end: Int) {
        connection.pipes[end].shut()
        transmit(connection, end)
    }

    func transmit(_ connection: SimConnection, _ direction: Int) {
        if connection.pipes[direction].transmit(connection.profile, at: now, random: &networkRandom) {
            scheduleArrival(connection, direction)
        }
    }

    private func scheduleArrival(_ connection: SimConnection, _ direction: Int) {
        guard let arrival = connection.pipes[direction].nextArrival else { return }
        events.schedule(.arrival, of: connection.id, detail: Int32(direction), at: arrival)
    }

    /// Reads at an end; how many bytes were moved to `output`.
    func read(upTo limit: Int, from connection: SimConnection, end: Int, into output: inout [UInt8]) -> Int {
        let direction = 1 - end
        let start = output.count
        let offset = connection.pipes[direction].readByteCount
        let count = connection.pipes[direction].read(upTo: limit, into: &output)
        if let flaw = connection.profile.corruption, flaw.towardsDialled == (direction == 0),
            flaw.offset >= offset, flaw.offset < offset + UInt64(count)
        {
            output[start + Int(flaw.offset - offset)] ^= 1 << (flaw.bit & 7)
            connection.logs[direction].corrupted(at: flaw.offset)
            faultCounts.corruptions += 1
            trace { "connection \(connection.id): a bit of byte \(flaw.offset) is turned over" }
        }
        // The window has opened.
        if count > 0 { transmit(connection, direction) }
        return count
    }

    /// Closes an end for good. Unread input, or more that comes, makes a reset of it.
    func close(_ connection: SimConnection, end: Int, abruptly: Bool = false) {
        guard !connection.isGone[end] else { return }
        connection.isGone[end] = true
        let isDisturbed = abruptly || connection.pipes[1 - end].unreadByteCount > 0
        connection.pipes[1 - end].receiverGoes()
        if !connection.isUp || connection.isGone[1 - end] {
            connection.pipes[0].removeAll()
            connection.pipes[1].removeAll()
        } else if isDisturbed {
            sendReset(connection, from: end)
        } else {
            shut(connection, end: end)
            // What is on its way to an end that has gone is let in and thrown away.
            transmit(connection, 1 - end)
        }
        if connection.isGone[0], connection.isGone[1] { connections[Int(connection.id)] = nil }
    }

    func sendReset(_ connection: SimConnection, from end: Int) {
        guard !connection.isGone[1 - end] else { return }
        if connection.pipes[end].reset(connection.profile, at: now, random: &networkRandom) {
            scheduleArrival(connection, end)
        }
    }

    /// Breaks a connection from the outside: both ends see a reset.
    func breakConnection(_ connection: SimConnection) {
        guard connection.isUp else { return }
        faultCounts.resets += 1
        trace { "connection \(connection.id): reset" }
        sendReset(connection, from: 0)
        sendReset(connection, from: 1)
    }

    func arrive(_ id: Int32, direction: Int) {
        guard let connection = connections[Int(id)], let segment = connection.pipes[direction].arrive() else { return }
        scheduleArrival(connection, direction)
        let receiver = 1 - direction
        if connection.isGone[receiver] {
            connection.pipes[direction].discardUnread()
            if segment.mark == .bytes { sendReset(connection, from: receiver) }
            transmit(connection, direction)
            return
        }
        if segment.mark == .reset, losesInputOnReset { connection.pipes[direction].discardUnread() }
        endpoints[Int(connection.ends[receiver])]?.readable()
        // Confirmed bytes leave the sender's kernel.
        if segment.byteCount > 0, !connection.isGone[direction] {
            endpoints[Int(connection.ends[direction])]?.writable()
        }
    }
}
