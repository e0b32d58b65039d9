import PeerWire
import Testing

@testable import PeerSession

@Suite struct OffenceTests {
    @Test func everyOffenceHasWordsOfItsOwn() {
        let words = Offence.allCases.map(\.description)
        #expect(Set(words).count == Offence.allCases.count)
        #expect(words.allSatisfy { (4...80).contains($0.count) && $0.first?.isWhitespace == false })
        #expect(Offence.allCases.map(\.rawValue) == Array(0..<UInt8(Offence.allCases.count)))
    }

    @Test func aViolationIsAnOffenceOfItsOwn() {
        let expected: [(ProtocolViolation, Command, Offence)] = [
            (.beforeVersion, .ping, .messageBeforeVersion), (.beforeVerack, .ping, .messageBeforeVerack),
            (.duplicateVersion, .version, .duplicateVersion), (.duplicateVerack, .verack, .duplicateVerack),
            (.duplicateXVersion, .xVersion, .duplicateXVersion),
            (.withoutBloomService, .filterLoad, .filterWithoutBloomService),
            (.withoutBloomService, .filterAdd, .filterWithoutBloomService),
            (.withoutBloomService, .filterClear, .filterClearWithoutBloomService),
            (.withoutBloomService, .mempool, .mempoolWithoutBloomService),
        ]
        #expect(Set(expected.map(\.0)) == Set(ProtocolViolation.allCases))
        for (violation, command, offence) in expected {
            #expect(Offence(violation, command: command) == offence)
        }
    }

    /// Refusals that are the same offence whatever the command.
    @Test(arguments: FrameRefusal.allCases) func aRefusalIsAnOffence(_ refusal: FrameRefusal) {
        let offence: Offence? =
            switch refusal {
            case .wrongMagic: .wrongMagic
            case .malformedCommand: .malformedCommand
            case .checksumMismatch: .checksumMismatch
            case .truncated: .truncatedPayload
            case .trailingBytes: .trailingBytes
            case .notInThisVersion: .messageNotInVersion
            case .malformed: .malformedPayload
            case .payloadTooLong, .limitExceeded: nil
            }
        guard let offence else { return }
        for kind in MessageKind.allCases { #expect(Offence(refusal, command: kind.command) == offence) }
        #expect(Offence(refusal, command: Command(literal: "custom")) == offence)
    }

    private static let tooLong: [MessageKind: Offence] = [
        .extendedVersion: .extendedVersionTooLong, .xVersion: .extendedVersionTooLong,
        .filterLoad: .bloomFilterTooLong, .filterAdd: .bloomElementTooLong, .committedFilter: .committedFilterTooLong,
    ]

    private static let overLimit: [MessageKind: Offence] = [
        .inventory: .tooManyInventoryItems, .getData: .tooManyInventoryItems, .notFound: .tooManyInventoryItems,
        .addresses: .tooManyAddresses, .addressesV2: .tooManyAddresses, .headers: .tooManyHeaders,
        .getHeaders: .tooManyLocatorHashes, .getBlocks: .tooManyLocatorHashes,
        .filterLoad: .tooManyBloomHashFunctions, .filterAdd: .bloomElementTooLong, .version: .userAgentTooLong,
        .reject: .rejectReasonTooLong, .extendedVersion: .tooManyExtendedVersionEntries,
        .xVersion: .tooManyExtendedVersionEntries, .block: .tooManyBlockTransactions,
        .merkleBlock: .tooManyBlockTransactions, .compactBlock: .tooManyBlockTransactions,
        .getBlockTransactions: .tooManyBlockTransactions, .blockTransactions: .tooManyBlockTransactions,
        .committedFilter: .committedFilterTooLong, .committedFilterHeaders: .tooManyCommittedFilterHashes,
        .committedFilterCheckpoints: .tooManyCommittedFilterCheckpoints,
    ]

    @Test func whatIsOverALimitGoesByItsCommand() {
        for kind in MessageKind.allCases {
            let command = kind.command
            #expect(Offence(.payloadTooLong, command: command) == Self.tooLong[kind] ?? .payloadTooLong)
            #expect(Offence(.limitExceeded, command: command) == Self.overLimit[kind] ?? .compactSizeTooLarge)
        }
        #expect(Offence(.payloadTooLong, command: Command(literal: "custom")) == .payloadTooLong)
        #expect(Offence(.limitExceeded, command: Command(literal: "custom")) == .compactSizeTooLarge)
    }

    /// A payload whose list or text has `count` entries, or says so: the codec looks at the limit before it looks for
    /// the entries.
    struct Limit: CustomTestStringConvertible {
        let kind: MessageKind
        let limit: Int
        let offence: Offence
        /// What comes before the count, and after it.
        var before: [UInt8] = []
        var after: [UInt8] = []
        /// Not a CompactSize but four bytes.
        var isWord = false

        var testDescription: String { "\(kind) \(limit)" }

        func payload(_ count: Int) -> [UInt8] {
            let word = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
            return before + (isWord ? word : [0xfe] + word).shortest + after
        }
    }

    private static let zeros = [UInt8](repeating: 0, count: 80)
    static let limits: [Limit] = [
        Limit(kind: .inventory, limit: 50_000, offence: .tooManyInventoryItems),
        Limit(kind: .getData, limit: 50_000, offence: .tooManyInventoryItems),
        Limit(kind: .notFound, limit: 50_000, offence: .tooManyInventoryItems),
        Limit(kind: .addresses, limit: 1_000, offence: .tooManyAddresses),
        Limit(kind: .addressesV2, limit: 1_000, offence: .tooManyAddresses),
        Limit(kind: .headers, limit: 2_000, offence: .tooManyHeaders),
        Limit(kind: .getHeaders, limit: 500, offence: .tooManyLocatorHashes, before: [0, 0, 0, 0]),
        Limit(kind: .getBlocks, limit: 500, offence: .tooManyLocatorHashes, before: [0, 0, 0, 0]),
        Limit(kind: .filterLoad, limit: 50, offence: .tooManyBloomHashFunctions, before: [1, 0], isWord: true),
        Limit(kind: .filterAdd, limit: 520, offence: .bloomElementTooLong),
        Limit(kind: .version, limit: 256, offence: .userAgentTooLong, before: zeros),
        Limit(kind: .reject, limit: 4_096, offence: .rejectReasonTooLong, before: [1, 0x61, 1]),
        Limit(kind: .extendedVersion, limit: 8_192, offence: .tooManyExtendedVersionEntries),
        Limit(
            kind: .committedFilter, limit: 4_194_304, offence: .committedFilterTooLong, before: [UInt8](zeros[..<33])),
        Limit(
            kind: .committedFilterHeaders, limit: 2_000, offence: .tooManyCommittedFilterHashes,
            before: [UInt8](zeros[..<65])),
        Limit(
            kind: .committedFilterCheckpoints, limit: 100_000, offence: .tooManyCommittedFilterCheckpoints,
            before: [UInt8](zeros[..<33])),
        Limit(kind: .doubleSpendProof, limit: 33_554_432, offence: .compactSizeTooLarge, before: zeros + zeros[..<64]),
    ]

    @Test(arguments: limits) func theCodecsLimitsAreTheOffences(_ limit: Limit) {
        for (count, isOver) in [(limit.limit - 1, false), (limit.limit, false), (limit.limit + 1, true)] {
            let offence = Self.offence(of: limit.kind, limit.payload(count))
            #expect((offence == limit.offence) == isOver, "\(count) gives \(String(describing: offence))")
        }
    }

    private static func offence(of kind: MessageKind, _ payload: [UInt8]) -> Offence? {
        do throws(DecodeError) {
            _ = try Message.decode(command: kind.command, payload: payload)
            return nil
        } catch {
            return Offence(FrameRefusal(error), command: kind.command)
        }
    }
}

extension [UInt8] {
    /// A CompactSize of five bytes in its shortest form; other bytes as they are.
    fileprivate var shortest: [UInt8] {
        guard count == 5, first == 0xfe, self[3] == 0, self[4] == 0 else { return self }
        if self[2] == 0, self[1] < 0xfd { return [self[1]] }
        return [0xfd, self[1], self[2]]
    }
}
