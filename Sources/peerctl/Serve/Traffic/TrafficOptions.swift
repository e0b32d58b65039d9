import ArgumentParser
import PeerKit

/// What `serve` does of its own accord, besides answering.
struct TrafficOptions: ParsableArguments {
    /// The most of both: far above what a network has.
    static let maximumRate = 1_000_000
    /// The most one `inv` may carry.
    static let maximumBatch = 50_000

    @Option(
        help: ArgumentHelp(
            "Made-up transactions to announce to every peer, each second; 0 announces none.", valueName: "number"))
    var announceRate = 0

    @Option(help: ArgumentHelp("Announce them in batches of so many.", valueName: "number"))
    var announceBatch = 100

    @Flag(help: "Take blocks: ask for those that peers announce, decode those that come, and count them.")
    var acceptBlocks = false

    func validate() throws {
        if announceRate < 0 || announceRate > Self.maximumRate {
            throw ValidationError("--announce-rate must be between 0 and \(Self.maximumRate)")
        }
        if announceBatch < 1 || announceBatch > Self.maximumBatch {
            throw ValidationError("--announce-batch must be between 1 and \(Self.maximumBatch)")
        }
    }
}
