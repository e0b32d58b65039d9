/// The service bits a node advertises in `version` and in addresses.
///
/// Unknown bits are kept. Source: `PROTOCOL` 4.2.
public struct Services: OptionSet, Hashable, Sendable, BitwiseCopyable {
    /// The bits as on the wire.
    public let rawValue: UInt64

    /// Services from their bits; none is refused.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Bit 0: serves full blocks.
    public static var network: Services { Services(rawValue: 1 << 0) }
    /// Bit 1: unspent output queries (BIP 64).
    public static var getUTXO: Services { Services(rawValue: 1 << 1) }
    /// Bit 2: bloom filtered connections (BIP 111).
    public static var bloom: Services { Services(rawValue: 1 << 2) }
    /// Bit 3: segregated witness data. Of another chain; no node of this one offers it.
    public static var witness: Services { Services(rawValue: 1 << 3) }
    /// Bit 4: Xthin block relay.
    public static var xthin: Services { Services(rawValue: 1 << 4) }
    /// Bit 5: follows the Bitcoin Cash chain.
    public static var bitcoinCash: Services { Services(rawValue: 1 << 5) }
    /// Bit 6: Graphene block relay.
    public static var graphene: Services { Services(rawValue: 1 << 6) }
    /// Bit 7: weak blocks.
    public static var weakBlocks: Services { Services(rawValue: 1 << 7) }
    /// Bit 8: committed filters.
    public static var committedFilters: Services { Services(rawValue: 1 << 8) }
    /// Bit 9: Xthinner block relay.
    public static var xthinner: Services { Services(rawValue: 1 << 9) }
    /// Bit 10: serves the last 288 blocks (BIP 159).
    public static var networkLimited: Services { Services(rawValue: 1 << 10) }
    /// Bit 11: negotiates `extversion` before `verack`.
    public static var extendedVersion: Services { Services(rawValue: 1 << 11) }
    /// Bits 24 to 31: left to experiments, and so without meaning among strangers.
    public static var experiments: Services { Services(rawValue: 0xff00_0000) }
}

extension Services: CustomStringConvertible {
    /// The names of the known bits joined by `|`, further bits as a hexadecimal number, or `none`.
    public var description: String {
        let names: [(Services, String)] = [
            (.network, "NETWORK"), (.getUTXO, "GETUTXO"), (.bloom, "BLOOM"), (.witness, "WITNESS"), (.xthin, "XTHIN"),
            (.bitcoinCash, "BITCOIN_CASH"), (.graphene, "GRAPHENE"), (.weakBlocks, "WEAKBLOCKS"),
            (.committedFilters, "CF"), (.xthinner, "XTHINNER"), (.networkLimited, "NETWORK_LIMITED"),
            (.extendedVersion, "EXTVERSION"),
        ]
        var rest = self
        var parts: [String] = []
        for (bit, name) in names where contains(bit) {
            parts.append(name)
            rest.remove(bit)
        }
        if !rest.isEmpty { parts.append("0x" + String(rest.rawValue, radix: 16)) }
        return parts.isEmpty ? "none" : parts.joined(separator: "|")
    }
}
