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
        magic: UInt32, protocolVersion: ProtocolVersion = .current, limits: WireLimits = WireLimits()
    ) throws(EncodeError) -> [UInt8] {
        let length = try checkedLength(protocolVersion, limits)
        var target = PayloadWriter(
            writer: ByteWriter(capacity: Frame.headerByteCount + length), version: protocolVersion)
        let start = target.writer.beginFrame(command, magic: magic)
        accept(&target)
        target.writer.finishFrame(from: start)
        return target.writer.finish()
    }

    /// The payload alone.
    ///
    /// - Throws: why the message cannot be sent.
    public func payload(
        protocolVersion: ProtocolVersion = .current, limits: WireLimits = WireLimits()
    ) throws(EncodeError) -> [UInt8] {
        let length = try checkedLength(protocolVersion, limits)
        var target = PayloadWriter(writer: ByteWriter(capacity: length), version: protocolVersion)
        accept(&target)
        return target.writer.finish()
    }

    /// The length of the payload, once the message is found to be within the limits and known at this version.
    private func checkedLength(_ version: ProtocolVersion, _ limits: WireLimits) throws(EncodeError) -> Int {
        let command = self.command
        if let minimum = minimumVersion, version < minimum {
            throw .versionGate(command, minimum: minimum)
        }
        var measure = PayloadMeasure(EncodeContext(version: version, limits: limits))
        try accept(&measure)
        let limit = maximumPayload(limits)
        if measure.length > limit {
            throw .payloadTooLong(command, length: measure.length, limit: limit)
        }
        return measure.length
    }

    private var minimumVersion: ProtocolVersion? {
        if case .custom(let message) = self { return message.minimumVersion }
        return kind?.minimumVersion
    }

    private func maximumPayload(_ limits: borrowing WireLimits) -> Int {
        if case .custom(let message) = self { return message.maximumPayload }
        return limits.maximumPayload(for: command, kind: kind, phase: .established)
    }
}
