import PeerWire

/// Stub.
final class InventoryTable {
    init(key0: UInt64, key1: UInt64) {}
    var count: Int { 0 }
}
