import Glibc
import PeerWire

/// The messages that are measured, made here from a seed; real traffic is used where it is on the machine.
enum Samples {
    static let magic = Network.mainnet.magic
    static let limits = WireLimits(network: .mainnet)

    private static func word(_ seed: Int) -> UInt64 {
        var z = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    static func hash(_ seed: Int) -> Hash256 {
        Hash256(word0: word(seed), word1: word(seed + 1), word2: word(seed + 2), word3: word(seed + 3))
    }

    static func bytes(_ count: Int, _ seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: word(seed &+ $0)) }
    }

    static func header(_ seed: Int) -> BlockHeader {
        BlockHeader(
            version: 0x2000_0000, previousBlock: hash(seed), merkleRoot: hash(seed + 7), time: 1_735_689_600,
            bits: 0x1d00_ffff, nonce: UInt32(truncatingIfNeeded: seed))
    }

    /// Two inputs with a signature and a key each, two outputs to key hashes: 374 bytes.
    static func transaction(_ seed: Int) throws -> Transaction {
        try Transaction(
            inputs: (0..<2).map {
                TransactionInput(
                    outpoint: Outpoint(transaction: hash(seed + $0), index: UInt32($0)),
                    script: WireBytes(bytes(108, seed + $0)))
            },
            outputs: (0..<2).map {
                TransactionOutput(value: 1_000 + Int64($0), script: WireBytes(bytes(25, seed + $0)))
            })
    }

    static func block(transactions count: Int) throws -> Block {
        let transactions = try (0..<count).map { try transaction($0 * 8) }
        var header = header(1)
        header.merkleRoot = Block.merkleRoot(of: transactions.map { $0.hash() })
        return try Block(header: header, transactions: transactions)
    }

    static func inventory(_ count: Int) -> Message {
        .inventory((0..<count).map { .transaction(hash($0)) })
    }

    static func headers(_ count: Int) -> Message { .headers((0..<count).map { header($0) }) }

    static func addresses(_ count: Int) -> Message {
        .addresses(
            (0..<count).map {
                TimestampedAddress(
                    time: 1_735_689_600,
                    address: NetworkAddress(
                        services: [.network, .bitcoinCash], ipv4: 203, 0, UInt8(truncatingIfNeeded: $0 >> 8),
                        UInt8(truncatingIfNeeded: $0), port: 8333))
            })
    }

    static var version: Message {
        .version(
            VersionMessage(
                services: [.network, .bitcoinCash], timestamp: 1_735_689_600, nonce: 7,
                userAgent: UserAgent(bytes: Array("/PeerKit:1.0.0(EB32.0)/".utf8)), startHeight: 880_000))
    }

    /// A file of real data, or `nil` where there is none.
    static func file(_ name: String) -> [UInt8]? {
        let folder = getenv("PEERKIT_SHARED").map { String(cString: $0) } ?? "../shared"
        guard let file = fopen("\(folder)/data/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}
