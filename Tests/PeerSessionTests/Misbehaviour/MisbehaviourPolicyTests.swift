import Testing

@testable import PeerSession

@Suite struct MisbehaviourPolicyTests {
    /// The values that `PROTOCOL` gives, written down once more. All of them are of one offence.
    @Test func theDefaultsAreThoseOfTheNodes() {
        let policy = MisbehaviourPolicy()
        #expect(policy.isEnabled)
        #expect(policy.threshold == 100)
        #expect(policy.halfLife == .seconds(60))
        for offence in [
            Offence.wrongMagic, .checksumMismatch, .filterWithoutBloomService, .bloomFilterTooLong,
            .tooManyBloomHashFunctions, .bloomElementTooLong, .compactBlockIndexOutOfRange,
        ] {
            #expect(policy[offence] == .init(persistent: 100), "\(offence)")
        }
        for offence in [Offence.tooManyInventoryItems, .tooManyAddresses, .tooManyHeaders, .versionTimeBeforeGenesis] {
            #expect(policy[offence] == .init(persistent: 20), "\(offence)")
        }
        #expect(policy[.messageBeforeVersion] == .init(persistent: 10))
        #expect(policy[.duplicateVersion] == .init(persistent: 1))
        #expect(policy[.unconnectingHeaders] == .init(persistent: 2))
        #expect(policy[.manyMempoolRequests] == .init(transient: 33))
        #expect(policy[.manyCommittedFilterMempoolRequests] == .init(transient: 33))
        // Disconnected by one of them or both, and weighed by neither.
        for offence in [
            Offence.payloadTooLong, .truncatedPayload, .trailingBytes, .unknownCommand, .messageBeforeVerack,
            .duplicateVerack, .mempoolWithoutBloomService, .longLocator, .tooManyLocatorHashes, .lateSendAddressesV2,
        ] {
            #expect(policy[offence] == .none, "\(offence)")
        }
    }

    @Test func everyOffenceHasItsOwnPlace() {
        var policy = MisbehaviourPolicy()
        for offence in Offence.allCases {
            #expect(policy[offence] == MisbehaviourPolicy.defaultWeight(of: offence))
            policy[offence] = .init(persistent: UInt16(offence.rawValue), transient: 1_000 + UInt16(offence.rawValue))
        }
        for offence in Offence.allCases {
            let number = UInt16(offence.rawValue)
            #expect(policy[offence] == .init(persistent: number, transient: 1_000 + number))
        }
    }

    /// No offence alone weighs more than the threshold: it would say no more than the threshold does.
    @Test func noDefaultIsOverTheThreshold() {
        for offence in Offence.allCases {
            let weight = MisbehaviourPolicy.defaultWeight(of: offence)
            #expect(Int(weight.persistent) + Int(weight.transient) <= 100, "\(offence)")
            #expect(!offence.isRequest || weight.persistent == 0 && weight.transient > 0, "\(offence)")
        }
    }

    @Test func policiesAreEqualWhenAllIs() {
        let policy = MisbehaviourPolicy()
        #expect(policy == MisbehaviourPolicy())
        #expect(policy.hashValue == MisbehaviourPolicy().hashValue)
        var changes: [MisbehaviourPolicy] = []
        for offence in Offence.allCases {
            var other = policy
            other[offence].transient += 1
            changes.append(other)
        }
        var other = policy
        other.isEnabled = false
        changes.append(other)
        other = policy
        other.threshold = 99
        changes.append(other)
        other = policy
        other.halfLife = .seconds(61)
        changes.append(other)
        #expect(changes.allSatisfy { $0 != policy })
        #expect(Set(changes).count == Offence.allCases.count + 3)
    }

    @Test func aPolicyThatCannotBeSaysWhy() {
        var configuration = SessionConfiguration(nonceKey: ConnectionNonce.Key(1, 2))
        #expect(configuration.problem == nil)
        configuration.misbehaviour.threshold = 0
        #expect(configuration.problem?.contains("misbehaviour.threshold") == true)
        configuration.misbehaviour.threshold = 1
        for halfLife in [Duration.zero, .seconds(-1), SessionConfiguration.longestDuration + .nanoseconds(1)] {
            configuration.misbehaviour.halfLife = halfLife
            #expect(configuration.problem?.contains("misbehaviour.halfLife") == true)
        }
        configuration.misbehaviour.halfLife = SessionConfiguration.longestDuration
        #expect(configuration.problem == nil)
    }
}
