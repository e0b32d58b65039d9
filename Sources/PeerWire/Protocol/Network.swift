/// The Bitcoin Cash networks, each with the magic that begins its messages and its port.
///
/// testnet4 and chipnet share magic and genesis: the network is a setting and is never guessed from traffic.
/// Source: `PROTOCOL` 1.2.
public enum Network: String, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// The main network.
    case mainnet
    /// The third test network.
    case testnet3
    /// The fourth test network, with small blocks.
    case testnet4
    /// The test network that adopts upgrades first.
    case chipnet
    /// The test network for large blocks.
    case scalenet
    /// Private chains for tests.
    case regtest
    /// Private simulations.
    case simnet

    /// The four magic bytes as a little-endian integer, as they are compared in a header.
    @inlinable
    public var magic: UInt32 {
        switch self {
        case .mainnet: 0xe8f3_e1e3
        case .testnet3: 0xf4f3_e5f4
        case .testnet4, .chipnet: 0xafda_b7e2
        case .scalenet: 0xa2e1_afc3
        case .regtest: 0xfabf_b5da
        case .simnet: 0x1214_1c16
        }
    }

    /// The port its nodes listen on by default.
    public var defaultPort: UInt16 {
        switch self {
        case .mainnet: 8333
        case .testnet3: 18333
        case .testnet4: 28333
        case .chipnet: 48333
        case .scalenet: 38333
        case .regtest: 18444
        case .simnet: 18555
        }
    }
}
