internal import Synchronization

/// What is true of a peer, in the bits of one atomic: what it wants as the loop published it, and what the application
/// said of it.
struct PeerFlags: OptionSet, Sendable {
    let rawValue: UInt8

    static let isSyncPeer = PeerFlags(rawValue: 1)
    static let wantsTransactions = PeerFlags(rawValue: 2)
    static let wantsHeaders = PeerFlags(rawValue: 4)
    static let wantsCompactBlocks = PeerFlags(rawValue: 8)
    static let wantsDirectBlockRelay = PeerFlags(rawValue: 16)
    static let allowsDirectBlockRelay = PeerFlags(rawValue: 32)
    static let wantsAddressesV2 = PeerFlags(rawValue: 64)

    static let initial: PeerFlags = .wantsTransactions
}

extension Peer {
    func has(_ flag: PeerFlags) -> Bool { flags.load(ordering: .acquiring) & flag.rawValue != 0 }

    func set(_ flag: PeerFlags, to value: Bool) {
        if has(flag) == value { return }
        if value {
            flags.bitwiseOr(flag.rawValue, ordering: .acquiringAndReleasing)
        } else {
            flags.bitwiseAnd(~flag.rawValue, ordering: .acquiringAndReleasing)
        }
    }
}

/// The last block that a peer announced, written by the loop and read by any thread. Peers that announce none have none
/// of this.
final class AnnouncedBlock: Sendable {
    /// Odd while the words change: a reader then looks again. The loop alone writes, so it never waits.
    private let version = Atomic<UInt64>(0)
    private let word0 = Atomic<UInt64>(0)
    private let word1 = Atomic<UInt64>(0)
    private let word2 = Atomic<UInt64>(0)
    private let word3 = Atomic<UInt64>(0)

    /// Zero stands for none.
    func store(_ hash: Hash256) {
        let before = version.load(ordering: .relaxed)
        version.store(before &+ 1, ordering: .relaxed)
        // Whoever reads one of these words afterwards sees the odd number.
        word0.store(hash.word0, ordering: .releasing)
        word1.store(hash.word1, ordering: .releasing)
        word2.store(hash.word2, ordering: .releasing)
        word3.store(hash.word3, ordering: .releasing)
        version.store(before &+ 2, ordering: .releasing)
    }

    func load() -> Hash256 {
        while true {
            let before = version.load(ordering: .acquiring)
            let hash = Hash256(
                word0: word0.load(ordering: .acquiring), word1: word1.load(ordering: .acquiring),
                word2: word2.load(ordering: .acquiring), word3: word3.load(ordering: .acquiring))
            // The words are read before it, as each of those reads acquires.
            if before & 1 == 0, version.load(ordering: .relaxed) == before { return hash }
        }
    }
}
