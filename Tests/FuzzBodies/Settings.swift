import PeerWire

extension WireLimits {
    /// Nothing is too long, so that sums of limits are at their highest.
    static var wide: WireLimits {
        var limits = WireLimits(maxBlockSize: .max)
        limits.maxOrdinaryPayload = .max
        limits.maxVersionPayload = .max
        limits.maxExtendedVersionPayload = .max
        limits.maxHandshakePayload = .max
        limits.maxInventoryCount = .max
        limits.maxAddressCount = .max
        limits.maxHeaderCount = .max
        limits.maxLocatorCount = .max
        limits.maxUserAgentLength = .max
        limits.maxRejectCommandLength = .max
        limits.maxRejectReasonLength = .max
        limits.maxBloomFilterLength = .max
        limits.maxBloomFilterFunctions = .max
        limits.maxBloomFilterElementLength = .max
        limits.maxCommittedFilterLength = .max
        limits.maxCommittedFilterHeaderCount = .max
        limits.maxCommittedFilterCheckpointCount = .max
        limits.maxExtendedVersionEntries = .max
        limits.maxAddressV2Length = .max
        return limits
    }

    /// Hardly anything is allowed.
    static var tight: WireLimits {
        var limits = strict
        limits.maxBlockSize = 400
        limits.maxOrdinaryPayload = 300
        limits.maxVersionPayload = 120
        limits.maxInventoryCount = 2
        limits.maxAddressCount = 2
        limits.maxHeaderCount = 1
        limits.maxLocatorCount = 1
        limits.maxUserAgentLength = 8
        limits.maxRejectReasonLength = 4
        limits.maxBloomFilterLength = 3
        limits.maxCommittedFilterLength = 4
        limits.maxExtendedVersionEntries = 1
        limits.maxAddressV2Length = 16
        return limits
    }

    /// The defaults, and nothing that is not by the book.
    static var strict: WireLimits {
        var limits = WireLimits()
        limits.trailingBytes = .refuse
        limits.refusesHeadersWithTransactions = true
        return limits
    }

    static var all: [WireLimits] { [WireLimits(), strict, tight, wide] }
}

extension ProtocolVersion {
    /// Both sides of every step.
    static let steps: [ProtocolVersion] = {
        let gates: [ProtocolVersion] = [
            .senderAddress, .multipleAddresses, .addressTime, .getHeaders, .pingNonce, .mempool, .bloomFilter, .reject,
            .bloomService, .sendHeaders, .feeFilter, .compactBlocks, .noValidationRelay, .featureNegotiation,
        ]
        var steps: Set<ProtocolVersion> = []
        for gate in gates {
            for step in -1...1 { steps.insert(ProtocolVersion(rawValue: gate.rawValue + Int32(step))) }
        }
        let ends: [Int32] = [.min, -1, 0, .max]
        return ends.map { ProtocolVersion(rawValue: $0) } + steps.sorted()
    }()
}
