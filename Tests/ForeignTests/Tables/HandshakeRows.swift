import PeerKit

/// The rules of the handshake (`PROTOCOL` 5.6): where the two nodes of today differ, what this one does.
enum HandshakeRows {
    static let all = beforeVersion + version + services + betweenVersionAndVerack + duplicates + late + timing + feeler

    private static let version0: JSON = ["command": "version"]
    private static let verack: JSON = ["command": "verack"]
    private static let ping: JSON = ["command": "ping", "fields": ["nonce": "0x1"]]
    private static let unknown: JSON = ["command": "wtfisthis", "payload": "0102"]

    private static func violation(_ violation: ProtocolViolation, _ command: Command, _ reject: JSON?) -> Row.Outcome {
        .ends(.protocolViolation(violation, command: command), reject: reject)
    }

    private static func saysVersion(_ fields: JSON) -> [JSON] { [["command": "version", "fields": fields]] }

    // MARK: Message before version: reject malformed, close

    private static let beforeVersion: [Row] = {
        func row(_ what: String, _ frame: JSON, _ command: Command) -> Row {
            let reason = "a version message must precede all others"
            return Row(
                "message before version: \(what)", .connected, says: [frame],
                violation(.beforeVersion, command, Row.malformed("\(command)", reason)))
        }
        return [
            row("verack", verack, .verack), row("ping", ping, .ping),
            row("sendaddrv2", ["command": "sendaddrv2"], .sendAddressesV2),
            row("extversion", ["command": "extversion", "fields": ["entries": []]], .extendedVersion),
            row("getaddr", ["command": "getaddr"], .getAddresses),
            row("an unknown command", unknown, Command(literal: "wtfisthis")),
            Row(
                "message before version: reject is exempt", .connected,
                says: [Row.malformed("version", "no"), version0], .goesOn),
        ]
    }()

    // MARK: What version says

    private static let version: [Row] = {
        func below(_ number: Int, _ reject: JSON? = nil, minimum: ProtocolVersion = .multipleAddresses) -> Row {
            Row(
                "version below minimum: \(number) where \(minimum.rawValue) is asked", .connected,
                says: saysVersion(["version": .number(number)]),
                .ends(.obsoleteVersion(ProtocolVersion(rawValue: Int32(number))), reject: reject)
            ) { $0.minimumProtocolVersion = minimum }
        }
        func cut(_ count: Int, _ what: String) -> Row {
            Row("version that ends after \(what)", .connected, says: saysVersion(["cut": .number(count)]), .goesOn)
        }
        let cutInside = Row.Outcome.ends(.refusedFrame(.truncated, command: .version))
        return [
            below(208), below(0), below(-1), below(Int(Int32.min)),
            below(
                70_013, Row.reject("version", 0x11, "protocol version must be 70014 or greater"),
                minimum: .compactBlocks),
            cut(46, "the receiver's address"), cut(72, "the sender's address"), cut(80, "the nonce"),
            cut(94, "the user agent"), cut(98, "the height"),
            Row("version cut inside the sender's address", .connected, says: saysVersion(["cut": 60]), cutInside),
            Row("version cut inside the nonce", .connected, says: saysVersion(["cut": 75]), cutInside),
            Row("version of 45 bytes", .connected, says: saysVersion(["cut": 45]), cutInside),
            Row(
                "version with bytes after relay", .connected,
                says: [["command": "version", "more": "00112233"]], .goesOn),
            Row(
                "version with an agent of 257 bytes", .connected,
                says: saysVersion(["agent": .text(String(repeating: "a", count: 257))]),
                .ends(.refusedFrame(.limitExceeded, command: .version))),
            Row(
                "timestamp earlier than the chain's genesis: no check", .connected,
                says: saysVersion(["time": 1_000_000_000]), .goesOn),
            Row("negotiated version of a newer peer", .connected, says: saysVersion(["version": 80_000]), .goesOn),
        ]
    }()

    // MARK: Services missing on outbound: reject 0x40, close

    private static let services: [Row] = {
        let wanted: @Sendable (inout PeerConfiguration) -> Void = { $0.requiredServices = [.network, .bloom] }
        let lacking = saysVersion(["services": "0x20"])
        return [
            Row(
                "services missing on outbound", .connected, sides: [.dialling], says: lacking,
                .ends(
                    .missingServices([.network, .bloom]),
                    reject: Row.reject("version", 0x40, "required services are missing: 0x5")), configure: wanted),
            Row(
                "services missing on inbound", .connected, sides: [.accepting], says: lacking, .goesOn,
                configure: wanted),
        ]
    }()

    // MARK: Messages between version and verack

    private static let betweenVersionAndVerack: [Row] = {
        func refused(_ frame: JSON, _ command: Command) -> Row {
            Row(
                "known message between version and verack: \(command)", .versionsSaid, says: [frame],
                violation(.beforeVerack, command, Row.malformed("\(command)", "a verack message must precede this one"))
            )
        }
        func tolerated(_ what: String, _ frames: [JSON]) -> Row {
            Row("between version and verack: \(what)", .versionsSaid, says: frames, .goesOn)
        }
        let sendAddressesV2: JSON = ["command": "sendaddrv2"]
        let extendedVersion: JSON = ["command": "extversion", "fields": ["entries": [["0x0", "64"]]]]
        return [
            refused(ping, .ping), refused(["command": "getaddr"], .getAddresses),
            refused(["command": "sendheaders"], .sendHeaders),
            refused(["command": "inv", "fields": ["items": []]], .inventory),
            refused(["command": "filterclear"], .filterClear),
            tolerated("an unknown command", [unknown, unknown]), tolerated("one sendaddrv2", [sendAddressesV2]),
            tolerated("a second sendaddrv2", [sendAddressesV2, sendAddressesV2]),
            tolerated("an extversion that was not negotiated", [extendedVersion]),
            tolerated("a reject", [Row.malformed("version", "no")]),
        ]
    }()

    // MARK: Duplicates

    private static let duplicates: [Row] = [
        Row(
            "duplicate version before verack", .versionsSaid, says: [version0],
            violation(.duplicateVersion, .version, Row.duplicate("version"))),
        Row(
            "duplicate version after verack", says: [version0],
            violation(.duplicateVersion, .version, Row.duplicate("version"))),
        Row("duplicate verack", says: [verack], violation(.duplicateVerack, .verack, Row.duplicate("verack"))),
        Row(
            "duplicate verack of a peer that knows no reject", version: ["version": 70_001], says: [verack],
            violation(.duplicateVerack, .verack, nil)),
        Row(
            "duplicate xversion",
            says: [["command": "xversion", "fields": ["entries": []]], ["command": "xversion", "payload": "00"]],
            hears: [["command": "xverack"]],
            violation(.duplicateXVersion, .xVersion, Row.duplicate("xversion"))),
    ]

    // MARK: Too late to negotiate

    private static let late: [Row] = [
        Row("sendaddrv2 after verack: decoded and ignored", says: [["command": "sendaddrv2"]], .goesOn),
        Row(
            "extversion after verack: ignored",
            says: [["command": "extversion", "fields": ["entries": [["0x0", "64"]]]]], .goesOn),
    ]

    // MARK: Time

    private static let timing: [Row] = [
        Row("handshake timeout: nothing is said", .connected, says: [], .ends(.handshakeTimedOut)) {
            $0.handshakeTimeout = .milliseconds(300)
        },
        Row("handshake timeout: no verack", .versionsSaid, says: [], .ends(.handshakeTimedOut)) {
            $0.handshakeTimeout = .milliseconds(600)
        },
    ]

    // MARK: Feeler

    private static let feeler: [Row] = [
        Row(
            "feeler connection: disconnects right after version", .connected, sides: [.dialling], says: [version0],
            hears: [["command": "sendaddrv2"], verack], .ends(.requested)
        ) { configuration in
            let tell = configuration.listeners.onMessage
            configuration.listeners.onMessage = { peer, message in
                tell?(peer, message)
                if case .version = message { peer.disconnect() }
            }
        }
    ]
}
