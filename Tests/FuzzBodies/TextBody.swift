import PeerWire

/// Texts of addresses, hashes, commands and user agents. What is read and shown is read as the same again.
///
/// What (1 byte), then the text or bytes.
enum TextBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        let choice = input.byte()
        switch choice & 3 {
        case 0: try readAddress(String(decoding: input.rest(), as: UTF8.self), hasPort: choice & 4 != 0)
        case 1: try makeAddress(&input, AddressNetwork(rawValue: choice >> 2))
        case 2: try readAgent(UserAgent(bytes: input.rest()))
        default: try readNames(input.rest())
        }
    }

    private static func readAddress(_ text: String, hasPort: Bool) throws(Violation) {
        let port: UInt16? = hasPort ? nil : 8333
        if let address = PeerAddress(text, time: 5, services: .bloom, defaultPort: port) {
            let again = PeerAddress(address.description, time: 5, services: .bloom, defaultPort: nil)
            try require(again == address, "'\(address)' is read as \(String(describing: again))")
            try requireText(address)
        }
        if let address = NetworkAddress(text, services: .bloom, defaultPort: port) {
            let again = NetworkAddress(address.description, services: .bloom, defaultPort: nil)
            try require(again == address, "'\(address)' is read as \(String(describing: again))")
        }
    }

    private static func makeAddress(_ input: inout FuzzInput, _ network: AddressNetwork) throws(Violation) {
        let services = Services(rawValue: input.uint64())
        let port = input.uint16()
        let host = input.rest()
        try MessageWalk.requireDescription(network)
        if let address = NetworkAddress(services: services, bytes: host, port: port) {
            try require(address.bytes == host, "an address of other bytes")
            let peer = PeerAddress(address)
            try require(peer.networkAddress == address, "'\(address)' is \(String(describing: peer.networkAddress))")
            let again = NetworkAddress(address.description, services: services, defaultPort: nil)
            try require(again == address, "'\(address)' is read as \(String(describing: again))")
            try requireText(peer)
        }
        let address = PeerAddress(
            time: 1, services: services, network: network, hostBytes: host, port: port)
        guard let address else {
            return try require(network.hostByteCount != host.count, "an address of the right length is refused")
        }
        try require(address.hostBytes == host && address.hostByteCount == host.count, "a host of other bytes")
        try requireText(address)
    }

    /// The text of an address of a known network is read as the same address.
    static func requireText(_ address: PeerAddress) throws(Violation) {
        let text = address.description
        try require(!text.isEmpty && !address.services.description.isEmpty, "an address without a text")
        let again = PeerAddress(text, time: address.time, services: address.services, defaultPort: nil)
        // Some IPv6 addresses go by another network once they are text.
        let isCJDNS = address.hostBytes.first == 0xfc
        let isExact =
            switch address.network {
            case .ipv6: !address.isMisembedded && !isCJDNS
            case .cjdns: isCJDNS
            default: address.network.isKnown
            }
        if isExact { try require(again == address, "'\(text)' is read as \(String(describing: again))") }
        if !address.network.isKnown { try require(again == nil, "'\(text)' is read") }
        if let old = address.networkAddress {
            try require(PeerAddress(old, time: address.time) == address, "'\(text)' changes in `addr`")
        }
    }

    static func visit(_ agent: UserAgent) {
        _ = (agent.description, agent.displayText, agent.excessiveBlockSize)
    }

    private static func readAgent(_ agent: UserAgent) throws(Violation) {
        visit(agent)
        try require(agent.description.utf8.count == agent.bytes.count, "the text has another length")
        guard let components = agent.components else { return }
        let made = try attempt { () throws(UserAgentError) in try UserAgent(components) }
        if let made { try require(made.components == components, "'\(made)' has other layers") }
        let text = String(decoding: agent.bytes, as: UTF8.self)
        let clean = UserAgent(name: text, version: text, comments: [text, text]).appending(agent)
        visit(clean)
        _ = clean.components
    }

    private static func readNames(_ bytes: [UInt8]) throws(Violation) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let hash = Hash256(text) {
            try require(Hash256(hash.description) == hash && Hash256(bytes: hash.bytes) == hash, "hash \(hash)")
        }
        if let hash = Hash256(bytes: bytes) { try require(Hash256(hash.description) == hash, "hash \(hash)") }
        if let command = Command(text) {
            try require(command.isWellFormed && command.isReadable, "command \(command)")
            try require(text.contains("\\") || Command(command.description) == command, "command \(command)")
        }
        var input = FuzzInput(bytes)
        let command = Command(low: input.uint64(), high: input.uint32())
        try require(command.description.utf8.allSatisfy { (0x20...0x7e).contains($0) }, "a command that is no text")
        try require(!command.isWellFormed || command.isReadable, "command \(command)")
        if let kind = MessageKind(command) { try require(kind.command == command, "command \(command)") }
        let services = Services(rawValue: input.uint64())
        try MessageWalk.requireDescription(services)
        let heights = BlockLocator.heights(tipHeight: Int(truncatingIfNeeded: services.rawValue))
        try require(heights.count <= BlockLocator.maximumCount, "\(heights.count) heights")
        try readNumber(bytes)
    }

    private static func readNumber(_ bytes: [UInt8]) throws(Violation) {
        var offset = 0
        let value = try attempt { () throws(DecodeError) in
            try CompactSize.decodeValue(from: bytes.span.bytes, at: &offset, maximum: .max)
        }
        guard let value else { return try require(offset == 0, "a number that was not read moved the offset") }
        try require(CompactSize.encode(value) == Array(bytes[..<offset]), "\(value) has another form")
    }

    static var seeds: [[UInt8]] {
        let addresses = [
            "203.0.113.7:8333", "[2a02:1234:5678::1]:8333", "6hzph5hv6337r6p2.onion:8333", "[fc00:1:2:3:4:5:6:7]:1",
            "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion:8333", "[::ffff:1.2.3.4]:80",
            "eaqseizeeutcokbjfivsyljof4ydcmrtgq2tmnzyhe5dwpb5hy7q.b32.i2p:0", "::1", "1.2.3.4", "[::]:0",
            "[fd87:d87e:eb43::1]:9",
        ]
        let agents = [
            "/Example:1.0.0/", "/Node:28.0.1(EB32.0; second)/Wallet:2/", "/a(b;;c)/", "", "//", "/é:1/",
            "/a(EB99999999999999999999.9)/", "/a(EB999999.9;EB;EB.;EB1.23)/", "/a:b:c/", "/(x)/", "/a(b)c/",
        ]
        let names = [
            "version", "dsproof-beta", "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
            "\u{1}\u{2}", String(repeating: "x", count: 32),
        ]
        var seeds = addresses.flatMap { address in
            [0, 4].map { FuzzSeed($0).adding(Array(address.utf8)).bytes }
        }
        seeds += agents.map { FuzzSeed(2).adding(Array($0.utf8)).bytes }
        seeds += names.map { FuzzSeed(3).adding(Array($0.utf8)).bytes }
        for network: UInt8 in 0...7 {
            let count = AddressNetwork(rawValue: network).hostByteCount ?? 3
            let settings = FuzzSeed(network << 2 | 1, 5, 0, 0, 0, 0, 0, 0, 0, 1, 2)
            seeds.append(settings.adding([UInt8](repeating: 0xfc, count: count)).bytes)
        }
        for number: UInt64 in [252, 253, 65_536, 1 << 32] {
            seeds.append(FuzzSeed(3).adding(CompactSize.encode(number)).bytes)
        }
        return seeds
    }
}
