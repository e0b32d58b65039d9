internal import PeerLoop
internal import PeerWire

/// The two addresses of a `version` (`PROTOCOL` 2.15).
extension PeerConnection {
    /// The peer's address as seen from here; nothing where that is the proxy's, which is nobody's business.
    var receiverInVersion: NetworkAddress {
        isAtProxy ? .unspecified : NetworkAddress(peer.address)
    }

    /// This node's address, where it has one to tell. Through a proxy that hides where the node is, an address that
    /// says so is left out.
    var senderInVersion: NetworkAddress {
        var own = core.configuration.ownAddress ?? .unspecified
        let isHidden = core.configuration.proxy != nil && (peer.direction == .outbound || isAtProxy)
        if isHidden, !own.isOnionCat { own = .unspecified }
        own.services = core.session.services
        return own
    }

    /// The other side is the proxy's host: what came through it, too, when the proxy serves a hidden service.
    private var isAtProxy: Bool {
        guard let proxy = core.configuration.proxy else { return false }
        // An IPv4 address may come in its IPv6 form.
        let (host, other) = (NetworkAddress(proxy), NetworkAddress(peer.address))
        return host.high == other.high && host.low == other.low
    }
}

extension NetworkAddress {
    /// A hidden service in IPv6 clothes (`fd87:d87e:eb43::/48`).
    fileprivate var isOnionCat: Bool { high >> 16 == 0xfd87_d87e_eb43 }
}
