/// A host that is wrong on purpose, to show that the simulation notices: each breaks what one invariant guards.
package enum Sabotage: String, Sendable, Hashable, CaseIterable {
    case outcomeLost
    case outcomeTwice
    case deliveredTwice
    case deliveriesSwapped
    case deliveryLost
    case deliveredBeforeHandshake
    case deliveryAfterRefusal
    case capIgnored
    case secondPing
    case deadlinesIgnored
    case readingStopsWhenSendQueueIsFull
    case knownForgotten
    case byteMiscounted
    case tableEntryLeaked
    case hostLeaked
    case endLost
    case frameRepeated
    case goodbyeCut
    case closedEarly
    case endTwice

    /// What notices it.
    package var noticedBy: Set<Invariant> {
        switch self {
        case .outcomeLost, .outcomeTwice: [.oneOutcome]
        case .deliveredTwice, .deliveriesSwapped, .deliveryLost: [.deliveredInOrder]
        case .deliveredBeforeHandshake: [.nothingBeforeHandshake]
        case .deliveryAfterRefusal: [.nothingAfterRefusal]
        case .capIgnored: [.buffersWithinCaps]
        case .secondPing: [.onePingOutstanding]
        case .deadlinesIgnored: [.silenceEndsInTime]
        case .readingStopsWhenSendQueueIsFull: [.progress, .honestPeersStay]
        case .knownForgotten: [.knownNotAnnounced]
        case .byteMiscounted: [.countsAgree]
        case .tableEntryLeaked, .hostLeaked: [.nothingLeft]
        case .endTwice: [.endsOnce]
        case .endLost: [.nothingLeft]
        case .frameRepeated: [.streamIntact]
        case .goodbyeCut: [.adversaryAnswered]
        case .closedEarly: [.noDeadlineEarly]
        }
    }
}
