internal import PeerSession
internal import PeerWire

/// What the loop hands to the log: values and bytes, nothing formatted.
struct LogRecord: Sendable {
    enum Event: Sendable {
        case connected(VersionMessage?, ProtocolVersion)
        case ended(DisconnectReason, wasEstablished: Bool)
        case received(Frame, ProtocolVersion)
        /// A frame that the codec refused; with its payload when that was whole.
        case refused(WireError, byteCount: Int, Frame?)
        case sent([UInt8], ProtocolVersion)
        case notSent(Command, SendError)
    }

    let peer: Peer
    /// The bytes that wait with it.
    let byteCount: Int
    let event: Event
}

/// What it takes to read a logged frame again.
struct LogFormat: Sendable {
    let magic: UInt32
    let limits: WireLimits
    let registry: MessageRegistry?

    func message(_ command: Command, _ payload: [UInt8], _ version: ProtocolVersion) -> Message? {
        try? Message.decode(
            command: command, payload: payload, protocolVersion: version, limits: limits, registry: registry)
    }

    /// The frame as it came: the header was taken apart when it was cut.
    func bytes(of frame: Frame) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Frame.headerByteCount + frame.length)
        for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: magic >> (8 * UInt32(byte)))) }
        bytes += frame.command.bytes
        for word in [UInt32(truncatingIfNeeded: frame.length), frame.checksum] {
            for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt32(byte)))) }
        }
        if case .collected(let payload) = frame.payload { bytes += payload }
        return bytes
    }
}
