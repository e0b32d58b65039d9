/// The names of Tor and I2P services, which are their keys in base32. Any case is read; lower case is written.
enum HiddenServiceName {
    private static let onion = Array(".onion".utf8)
    private static let i2p = Array(".b32.i2p".utf8)
    /// What the checksum of a Tor name is made of, besides the key and the version.
    private static let checksumPrefix = Array(".onion checksum".utf8)
    private static let onionVersion: UInt8 = 3

    static func torV2(_ host: [UInt8]) -> String { Base32.text(host) + ".onion" }

    static func torV3(_ key: [UInt8]) -> String { Base32.text(key + checksum(key) + [onionVersion]) + ".onion" }

    static func i2p(_ host: [UInt8]) -> String { Base32.text(host) + ".b32.i2p" }

    /// Two bytes of the hash over a key.
    private static func checksum(_ key: [UInt8]) -> ArraySlice<UInt8> {
        SHA3.hash256(checksumPrefix + key + [onionVersion]).prefix(2)
    }

    /// The network and host bytes of a name; `nil` when it is none, or its checksum or version is wrong.
    static func parse(_ text: ArraySlice<UInt8>) -> (network: AddressNetwork, host: [UInt8])? {
        if let label = label(of: text, before: i2p) {
            guard label.count == 52, let host = Base32.bytes(label) else { return nil }
            return (.i2p, host)
        }
        guard let label = label(of: text, before: onion) else { return nil }
        switch label.count {
        case 16: return Base32.bytes(label).map { (.torV2, $0) }
        case 56:
            guard let bytes = Base32.bytes(label), bytes.count == 35, bytes[34] == onionVersion else { return nil }
            let key = Array(bytes[..<32])
            return checksum(key) == bytes[32..<34] ? (.torV3, key) : nil
        default: return nil
        }
    }

    /// What stands before an ending, which may be in any case.
    private static func label(of text: ArraySlice<UInt8>, before ending: [UInt8]) -> ArraySlice<UInt8>? {
        guard text.count > ending.count else { return nil }
        let tail = text.suffix(ending.count).map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        return tail == ending ? text.dropLast(ending.count) : nil
    }
}
