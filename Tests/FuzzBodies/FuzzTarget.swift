/// What is fuzzed. Each body takes any bytes at all; the first of them choose settings.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A stream cut into frames, in one piece and in many.
    case frameStream
    /// A payload of each command at each protocol version.
    case payload
    /// A transaction and its parts.
    case transaction
    /// A block and its transactions.
    case block
    /// A script field with tokens.
    case tokens
    /// A block put together from a compact block.
    case compact
    /// A bloom filter and what matches it.
    case bloom
    /// A partial merkle tree.
    case merkle
    /// A committed filter.
    case gcs
    /// Addresses, hashes, commands and user agents as text.
    case text
    /// The map of `extversion`.
    case extendedVersion
    /// Messages of an application's own.
    case custom

    /// Runs the body.
    ///
    /// - Returns: how many bytes it worked on: those of the input, or more when it made some out of them.
    /// - Throws: the property that does not hold.
    @discardableResult
    public func run(_ input: [UInt8]) throws(Violation) -> Int {
        switch self {
        case .frameStream: return try FrameStreamBody.run(input)
        case .payload: try PayloadBody.run(input)
        case .transaction: try TransactionBody.run(input)
        case .block: try BlockBody.run(input)
        case .tokens: try TokensBody.run(input)
        case .compact: try CompactBody.run(input)
        case .bloom: try BloomBody.run(input)
        case .merkle: return try MerkleBody.run(input)
        case .gcs: try GolombBody.run(input)
        case .text: try TextBody.run(input)
        case .extendedVersion: try ExtendedVersionBody.run(input)
        case .custom: try CustomBody.run(input)
        }
        return input.count
    }

    /// Inputs to begin with, made of messages of our own.
    public var seeds: [[UInt8]] {
        switch self {
        case .frameStream: FrameStreamBody.seeds
        case .payload: PayloadBody.seeds
        case .transaction: TransactionBody.seeds
        case .block: BlockBody.seeds
        case .tokens: TokensBody.seeds
        case .compact: CompactBody.seeds
        case .bloom: BloomBody.seeds
        case .merkle: MerkleBody.seeds
        case .gcs: GolombBody.seeds
        case .text: TextBody.seeds
        case .extendedVersion: ExtendedVersionBody.seeds
        case .custom: CustomBody.seeds
        }
    }

    /// An input with a message that was made elsewhere; `nil` when the body has no use for it.
    ///
    /// - Parameters:
    ///   - command: the command's name.
    ///   - payload: its payload.
    ///   - version: the protocol version it was made for.
    public func seed(command: String, payload: [UInt8], version: Int32) -> [UInt8]? {
        switch self {
        case .frameStream: FrameStreamBody.seed(command, payload)
        case .payload: PayloadBody.seed(command, payload, version)
        case .transaction: command == "tx" ? TransactionBody.seed(payload) : nil
        case .block: command == "block" ? payload : nil
        case .tokens: nil
        case .compact: CompactBody.seed(command, payload)
        case .bloom: command == "tx" ? BloomBody.seed(transaction: payload) : nil
        case .merkle: command == "merkleblock" ? MerkleBody.seed(message: payload) : nil
        case .gcs: command == "cfilter" ? GolombBody.seed(message: payload) : nil
        case .text: nil
        case .extendedVersion: command == "extversion" ? payload : nil
        case .custom: nil
        }
    }

    /// The longest input that is of use.
    public var maximumLength: Int {
        switch self {
        case .frameStream, .payload, .block, .compact: 16_384
        case .transaction, .bloom, .gcs, .extendedVersion: 8_192
        case .tokens, .merkle, .custom: 4_096
        case .text: 1_024
        }
    }
}
