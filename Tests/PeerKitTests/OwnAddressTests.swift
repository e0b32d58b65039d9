import PeerKit
import PeerLoop
import TestSupport
import Testing

/// The addresses in the `version` that this node sends, read from the wire.
@Suite(.timeLimit(.minutes(1))) struct OwnAddressTests {
    private let own = NetworkAddress(ipv4: 198, 51, 100, 4, port: 18_444)
    private let hiddenService = NetworkAddress(high: 0xfd87_d87e_eb43_0102, low: 3, port: 18_444)
    private let loopback = SocketAddress(ipv4: 127, 0, 0, 1, port: 9050)
    private let elsewhere = SocketAddress(ipv4: 192, 0, 2, 99, port: 9050)

    /// Bytes 20..<46 and 46..<72 of the `version` that a peer gets: the receiver and the sender.
    private func addresses(
        outboundTo address: SocketAddress? = nil, _ change: (inout PeerConfiguration) -> Void
    ) async throws -> (receiver: [UInt8], sender: [UInt8]) {
        var payload: [UInt8] = []
        try await NodeRig.with(change) { rig in
            let listener = try BlockingListener()
            if let address {
                let descriptor = try BlockingSocket(port: listener.port).takeDescriptor()
                let client = try await RawClient(acceptedBy: listener)
                try Peer(outbound: rig.node, to: address).attach(adopting: descriptor)
                payload = try await #require(client.receiveFrame()).payload
            } else {
                let client = try RawClient(port: rig.port)
                try await client.send(.version(Raw.version()))
                payload = try await #require(client.receiveFrame()).payload
            }
        }
        return (Array(payload[20..<46]), Array(payload[46..<72]))
    }

    /// Services, sixteen bytes, port: by hand.
    private func bytes(_ services: Services, _ host: [UInt8], _ port: UInt16) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: services.rawValue >> (8 * $0)) } + host
            + [UInt8(port >> 8), UInt8(port & 255)]
    }

    private func mapped(_ four: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 10) + [255, 255] + four }

    private let nowhere = [UInt8](repeating: 0, count: 16)

    @Test func theOwnAddressIsTheSender() async throws {
        for address in [nil, elsewhere] {
            let told = try await addresses(outboundTo: address) {
                $0.services = [.network]
                $0.ownAddress = own
            }
            #expect(told.sender == bytes([.network], mapped([198, 51, 100, 4]), 18_444))
            if address != nil { #expect(told.receiver == bytes([], mapped([192, 0, 2, 99]), 9050)) }
        }
    }

    @Test func withoutOneNoneIsTold() async throws {
        let told = try await addresses { $0.services = [.network] }
        #expect(told.sender == bytes([.network], nowhere, 0))
        #expect(Array(told.receiver[8..<24]) == mapped([127, 0, 0, 1]))
    }

    @Test func theAddressOfTheProxyIsToldToNobody() async throws {
        // An inbound peer from the proxy's host, which is how Tor brings those of a hidden service.
        let inbound = try await addresses { $0.proxy = loopback }
        #expect(inbound.receiver == bytes([], nowhere, 0))
        let outbound = try await addresses(outboundTo: loopback) { $0.proxy = loopback.with(port: 1) }
        #expect(outbound.receiver == bytes([], nowhere, 0))
        // As a socket that takes both families names it.
        let both = try await addresses(outboundTo: SocketAddress("[::ffff:127.0.0.1]:7")) { $0.proxy = loopback }
        #expect(both.receiver == bytes([], nowhere, 0))
        // The address of a peer beyond the proxy is that peer's own.
        let beyond = try await addresses(outboundTo: elsewhere) { $0.proxy = loopback }
        #expect(beyond.receiver == bytes([], mapped([192, 0, 2, 99]), 9050))
    }

    @Test func aClearnetAddressIsNotToldThroughTheProxy() async throws {
        for address in [nil, loopback, elsewhere] {
            let told = try await addresses(outboundTo: address) {
                $0.services = [.network]
                $0.ownAddress = own
                $0.proxy = loopback
            }
            #expect(told.sender == bytes([.network], nowhere, 0), "\(String(describing: address))")
        }
    }

    @Test func aPeerThatDoesNotComeThroughTheProxyIsTold() async throws {
        let told = try await addresses {
            $0.services = [.network]
            $0.ownAddress = own
            $0.proxy = elsewhere
        }
        #expect(told.sender == bytes([.network], mapped([198, 51, 100, 4]), 18_444))
    }

    @Test func aHiddenServiceIsToldThroughTheProxy() async throws {
        let told = try await addresses(outboundTo: elsewhere) {
            $0.services = [.network]
            $0.ownAddress = hiddenService
            $0.proxy = loopback
        }
        #expect(told.sender == bytes([.network], hiddenService.bytes, 18_444))
    }
}
