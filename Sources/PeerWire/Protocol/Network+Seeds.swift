extension Network {
    /// Host names whose DNS records are addresses of nodes, which listen on ``defaultPort``: those of the common nodes
    /// together. Empty where there are none. Source: `PROTOCOL` 1.3.
    public var dnsSeeds: [String] {
        switch self {
        case .mainnet:
            [
                "seed.flowee.cash", "seed-bch.bitcoinforks.org", "btccash-seeder.bitcoinunlimited.info",
                "seed.bchd.cash", "seed.bch.loping.net", "dnsseed.electroncash.de", "bchseed.c3-soft.com",
                "bch.bitjson.com",
            ]
        case .testnet3:
            [
                "testnet-seed.bchd.cash", "testnet-seed-bch.bitcoinforks.org", "seed.tbch.loping.net",
                "testnet-seed.bitcoinunlimited.info",
            ]
        case .testnet4:
            [
                "testnet4-seed.bchd.cash", "testnet4.imaginary.cash", "testnet4-seed-bch.toom.im",
                "seed.tbch4.loping.net", "testnet4-seed.flowee.cash", "testnet4.bitjson.com",
            ]
        case .chipnet: ["chipnet.bitjson.com"]
        case .scalenet: ["scalenet-seed-bch.toom.im", "seed.sbch.loping.net"]
        case .regtest, .simnet: []
        }
    }

    /// The seeds, each asked only for nodes that offer all of some services: `x1.seed.example` for
    /// ``Services/network``. Not every seed knows this form; those that do not have no such name.
    public func dnsSeeds(offering services: Services) -> [String] {
        dnsSeeds.map { Self.seedName($0, offering: services) }
    }

    /// The name by which a seed is asked only for nodes that offer all of some services: `x`, the bits in hexadecimal,
    /// a dot and the seed. The seed itself when no service is wanted.
    public static func seedName(_ seed: String, offering services: Services) -> String {
        services.isEmpty ? seed : "x\(String(services.rawValue, radix: 16)).\(seed)"
    }
}
