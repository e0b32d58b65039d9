import ArgumentParser
import PeerKit

/// What a load test does once its peers are connected.
enum LoadScenario: String, CaseIterable, ExpressibleByArgument {
    /// Connects every peer, and nothing more.
    case connect
    /// Holds idle peers for the duration; each answers a ping at the beginning and at the end.
    case hold
    /// Keeps a window of pings in flight on every peer.
    case ping
    /// Keeps a window of inventory batches in flight on every peer, each followed by a ping that tells when it is done.
    case inv
    /// Keeps a window of block downloads in flight on every peer.
    case blocks
}

/// Everything one load test is told.
struct LoadPlan: Sendable {
    var scenario: LoadScenario
    var target: SocketAddress
    var network: Network
    var peers: Int
    /// How long the steady phase lasts, in seconds.
    var duration: Double
    /// Operations in flight on each peer.
    var window: Int
    /// Connects and handshakes under way at once.
    var concurrency: Int
    /// Source addresses 127.0.1.1 and up that connections are spread over; 0 leaves the choice to the kernel.
    var sourceAddresses: Int
    /// How long one connect, and then one handshake, may take, in seconds.
    var timeout: Double
    /// Inventory items in one batch of the `inv` scenario.
    var batch: Int

    /// The address that connection number `index` comes from.
    func source(of index: Int) -> SocketAddress? {
        guard sourceAddresses > 0 else { return nil }
        let number = index % sourceAddresses
        return SocketAddress(ipv4: 127, 0, UInt8(1 + number / 250), UInt8(1 + number % 250), port: 0)
    }

    /// The most source addresses that ``source(of:)`` can tell apart.
    static let maxSourceAddresses = 250 * 250
}
