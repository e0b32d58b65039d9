extension Message {
    /// The whole message as it goes on the wire: header and payload in one buffer, written once.
    ///
    /// Whoever sends the same message to many peers encodes it once and gives each of them the bytes.
    ///
    /// - Parameters:
    ///   - magic: ``Network/magic`` of the network.
    ///   - protocolVersion: what both sides speak; decides which messages and fields exist.
    ///   - limits: what receivers accept; a message beyond them is not encoded.
    /// - Throws: why the message cannot be sent. Nothing is allocated before that is known.
    public func frame(
        magic: UInt32, protocolVersion: ProtocolVersion = .current, limits: borrowing WireLimits = WireLimits()
    ) throws(EncodeError) -> [UInt8] {
        let (command, length) = try checked(protocolVersion, limits)
        var target = PayloadWriter(
            writer: ByteWriter(capacity: Frame.headerByteCount + length), version: protocolVersion)
        let start = target.writer.beginFrame(command, magic: magic)
        accept(&target, limits)
        target.writer.finishFrame(from: start)
        return target.writer.finish()
    }

    /// The payload alone.
    ///
    /// - Throws: why the message cannot be sent.
    public func payload(
        protocolVersion: ProtocolVersion = .current, limits: borrowing WireLimits = WireLimits()
    ) throws(EncodeError) -> [UInt8] {
        let length = try checked(protocolVersion, limits).length
        var target = PayloadWriter(writer: ByteWriter(capacity: length), version: protocolVersion)
        accept(&target, limits)
        return target.writer.finish()
    }

    /// The command, and the length of the payload, once the message is found to be within the limits and known at this
    /// version.
    private func checked(
        _ version: ProtocolVersion, _ limits: borrowing WireLimits
    ) throws(EncodeError) -> (command: Command, length: Int) {
        let command = self.command
        // A payload given as bytes is held to the same limits as its type.
        let kind = self.kind ?? MessageKind(command)
        var minimum = kind?.minimumVersion
        // The cap on blocks is about what was asked for, not about what is sent.
        var limit = limits.maxOrdinaryPayload
        if let kind { limit = limits.maximumPayload(for: kind, version) }
        if case .custom(let message) = self {
            minimum = message.minimumVersion
            limit = message.maximumPayload
        }
        if let minimum, version < minimum { throw .versionGate(command, minimum: minimum) }
        var measure = PayloadMeasure(version)
        try accept(&measure, limits)
        if measure.length > limit {
            throw .payloadTooLong(command, length: measure.length, limit: limit)
        }
        return (command, measure.length)
    }
}
