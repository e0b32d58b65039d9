import PeerKit

/// Bloom messages without the BLOOM service (`PROTOCOL` 5.7), and with it.
enum BloomRows {
    static let all = refused + fromOldPeers + served

    private static let load: JSON = ["filter": "614e9b", "functions": 5, "tweak": 0, "flags": 1]
    private static let messages: [(Command, JSON)] = [
        (.filterLoad, load), (.filterAdd, ["data": "0102"]), (.filterClear, [:]), (.mempool, [:]),
    ]

    private static func frame(_ command: Command, _ fields: JSON) -> JSON {
        ["command": .text("\(command)"), "fields": fields]
    }

    private static let refused = messages.flatMap { command, fields in
        [70_011, 70_016].map { version in
            Row(
                "\(command) without the service, version \(version): disconnect",
                version: ["version": .number(version)],
                says: [frame(command, fields)],
                .ends(
                    .protocolViolation(.withoutBloomService, command: command),
                    reject: Row.reject("\(command)", 0x40, "bloom filters are not served")))
        }
    }

    /// Both nodes of today disconnect these, too. They cannot know of the service, so that here nothing comes of it
    /// (BIP 111).
    private static let fromOldPeers = messages.map { command, fields in
        Row(
            "\(command) without the service, version 70010: not delivered", version: ["version": 70_010],
            says: [frame(command, fields)], .goesOn, delivers: ["ping"])
    }

    private static let served = messages.map { command, fields in
        Row(
            "\(command) with the service", says: [frame(command, fields)], .goesOn,
            delivers: ["\(command)", "ping"]
        ) { $0.services.insert(.bloom) }
    }
}
