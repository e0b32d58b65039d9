extension Message {
    /// The protocol versions around one at which the message is encoded to the same bytes, or is refused as it is
    /// there. Source: `PROTOCOL` 3, 4.1.
    public func versions(encodedAsAt version: ProtocolVersion) -> ClosedRange<ProtocolVersion> {
        var lowest = ProtocolVersion(rawValue: .min)
        var highest = ProtocolVersion(rawValue: .max)
        for step in encodingSteps {
            if step <= version {
                lowest = max(lowest, step)
            } else {
                highest = min(highest, ProtocolVersion(rawValue: step.rawValue - 1))
            }
        }
        return lowest...highest
    }

    /// The versions from which on the message is encoded differently from below, or exists.
    private var encodingSteps: [ProtocolVersion] {
        // A payload given as bytes is held to the same limits as its type.
        let kind = self.kind ?? MessageKind(command)
        var steps: [ProtocolVersion] = []
        if let minimum = kind?.minimumVersion { steps.append(minimum) }
        switch kind {
        case .ping: steps.append(ProtocolVersion(rawValue: ProtocolVersion.pingNonce.rawValue + 1))
        case .addresses: steps += [.multipleAddresses, .addressTime]
        default: break
        }
        if case .custom(let message) = self, let minimum = message.minimumVersion { steps.append(minimum) }
        return steps
    }
}
