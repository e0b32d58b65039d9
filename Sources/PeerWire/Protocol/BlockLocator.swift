/// Makes and answers block locators: a list of hashes, newest first, by which a node finds the last block it shares
/// with another, whichever branch that one is on.
///
/// The list is dense at the tip, then its gaps double, and it ends with the genesis block. Source: `PROTOCOL` 3.
public enum BlockLocator {
    /// The most hashes to send: some nodes disconnect above 101.
    public static let maximumCount = 101
    /// How many heights from the tip down follow each other without a gap.
    public static let denseCount = 10

    /// The heights of a locator, highest first, down to 0. Never more than ``maximumCount``: 72 for the highest tip
    /// there can be, 29 at a height of 1,000,000. Empty for a negative height.
    public static func heights(tipHeight: Int) -> [Int] {
        if tipHeight < 0 { return [] }
        var heights = [tipHeight]
        var height = tipHeight
        var step = 1
        while height > 0 {
            if heights.count >= denseCount { step = step > Int.max / 2 ? .max : 2 * step }
            height = max(0, height - step)
            heights.append(height)
        }
        return heights
    }

    /// The hashes of a locator for a chain, newest first.
    ///
    /// - Parameters:
    ///   - tipHeight: the height of the newest block; negative for a chain without any, whose locator is empty.
    ///   - hashAt: gives the hash of the block at a height from 0 to `tipHeight`. Asked from the highest down.
    /// - Throws: what `hashAt` throws.
    public static func hashes<Failure: Error>(
        tipHeight: Int, hashAt: (Int) throws(Failure) -> Hash256
    ) throws(Failure) -> [Hash256] {
        var hashes: [Hash256] = []
        for height in heights(tipHeight: tipHeight) { hashes.append(try hashAt(height)) }
        return hashes
    }

    /// The height of the first block of a locator that is on one's own best chain: an answer begins with the block
    /// after it. `nil` when none is; common nodes then answer from the genesis block on.
    ///
    /// - Parameters:
    ///   - locator: the hashes as received.
    ///   - heightOf: gives the height of a block by its hash, or `nil` when it is not on the best chain.
    /// - Throws: what `heightOf` throws.
    public static func firstCommonHeight<Failure: Error>(
        _ locator: some Sequence<Hash256>, heightOf: (Hash256) throws(Failure) -> Int?
    ) throws(Failure) -> Int? {
        for hash in locator {
            if let height = try heightOf(hash) { return height }
        }
        return nil
    }
}
