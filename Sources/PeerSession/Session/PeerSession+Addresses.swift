public import PeerWire

extension PeerSession {
    /// The most entries in one `addr` or `addrv2`. Source: `PROTOCOL` 4.3.
    public static let maxAddressesPerMessage = 1_000
    /// The most bytes in a host of an `addrv2`. Source: `PROTOCOL` 4.3.
    static let maxAddressV2ByteCount = 512

    /// The message that tells the peer of these addresses, and which of them it has, in its order: `addrv2` to a peer
    /// that asked for it (``PeerPreferences/wantsAddressesV2``), else `addr`.
    ///
    /// At most ``maxAddressesPerMessage`` go into it, and one to a peer below protocol version 209. When there are
    /// more, they are chosen at random and in random order; otherwise their order is kept. What the message cannot
    /// carry, or every receiver would ignore, is left out first: hosts of other networks than IPv4, IPv6 and Tor with
    /// short names from an `addr`, hosts over 512 bytes from an `addrv2`, and IPv6 addresses that embed others from
    /// both.
    ///
    /// - Returns: `nil` when nothing remains, and while the session is not established: it is not known yet what the
    ///   peer reads.
    public func makeAddresses(from addresses: [PeerAddress]) -> (message: Message, chosen: [PeerAddress])? {
        guard isEstablished else { return nil }
        let limit = negotiatedVersion >= .multipleAddresses ? Self.maxAddressesPerMessage : 1
        if preferences.wantsAddressesV2 {
            let chosen = AddressSample.choose(atMost: limit, of: addresses, random: &group.random) { address in
                Self.isForAddressesV2(address) ? () : nil
            }.chosen
            return chosen.isEmpty ? nil : (.addressesV2(chosen), chosen)
        }
        let (entries, chosen) = AddressSample.choose(
            atMost: limit, of: addresses, random: &group.random, \.timestampedAddress)
        return chosen.isEmpty ? nil : (.addresses(entries), chosen)
    }

    private static func isForAddressesV2(_ address: PeerAddress) -> Bool {
        address.hostByteCount <= maxAddressV2ByteCount && !address.isMisembedded
    }
}
