import PeerKit

/// What is done with bad frames (`PROTOCOL` 1.5): where the two nodes of today differ, what this one does.
enum FrameRows {
    static let all = header + checksum + unknownCommands + truncated + trailing + inHandshake

    private static func refused(_ refusal: FrameRefusal, _ command: Command, _ reason: String? = nil) -> Row.Outcome {
        .ends(
            .refusedFrame(refusal, command: command),
            reject: reason.map { Row.malformed("\(command)", "message " + $0) })
    }

    private static let box = Command(literal: "box")
    private static let tooLong = "is over the size limit"
    private static let cutShort = "is cut short"
    private static let nonce: JSON = ["nonce": "0x1"]
    private static let nameless = Command(low: 0, high: 0)

    // MARK: Header

    private static let header: [Row] = [
        Row(
            "wrong magic", says: [["command": "ping", "fields": nonce, "magic": "mainnet"]],
            refused(.wrongMagic, nameless)),
        Row(
            "wrong magic comes before everything but the total size",
            says: [["command": "box", "payload": "00", "magic": "mainnet", "checksum": "00000000"]],
            refused(.wrongMagic, nameless)),
        Row(
            "length over the global limit", says: [["command": "box", "payload": "", "length": 0xffff_ffff]],
            refused(.payloadTooLong, box, tooLong)),
        Row(
            "length over the global limit is found before the wrong magic",
            says: [["command": "box", "payload": "", "length": 0xffff_ffff, "magic": "mainnet"]],
            refused(.payloadTooLong, box, tooLong)),
        Row(
            "length over the limit of inv", says: [["command": "inv", "payload": "", "length": 1_800_010]],
            refused(.payloadTooLong, .inventory, tooLong)),
        Row(
            "length over the limit of headers", says: [["command": "headers", "payload": "", "length": 162_010]],
            refused(.payloadTooLong, .headers, tooLong)),
        Row(
            "length over the limit of tx", says: [["command": "tx", "payload": "", "length": 2_097_153]],
            refused(.payloadTooLong, .transaction, tooLong)),
        Row(
            "length over the limit of an unknown command",
            says: [["command": "box", "payload": "", "length": 2_097_153]], refused(.payloadTooLong, box, tooLong)),
        Row(
            "a block that nobody asked for, over 4 MiB",
            says: [["command": "block", "payload": "", "length": 4_194_305]],
            refused(.payloadTooLong, .block, tooLong)),
        Row(
            "a command that is not UTF-8", says: [["commandHex": "62ff", "payload": "01"]],
            .ends(
                .refusedFrame(.malformedCommand, command: Command(low: 0xff62, high: 0)),
                reject: [
                    "command": "reject",
                    "fields": [
                        "commandHex": "62ff", "code": 1, "reason": "message has a command that is not text",
                    ],
                ])),
        Row(
            "interior zero in a command: an unknown command", says: [["commandHex": "76657200787878", "payload": ""]],
            .goesOn),
    ]

    // MARK: Checksum

    private static let checksum: [Row] = {
        let reason = "has a wrong checksum"
        return [
            Row(
                "bad checksum", says: [["command": "ping", "fields": nonce, "checksum": "00000000"]],
                refused(.checksumMismatch, .ping, reason)),
            Row(
                "bad checksum of an empty payload: there is no relaxation",
                says: [["command": "getaddr", "checksum": "00000000"]],
                refused(.checksumMismatch, .getAddresses, reason)),
            Row(
                "bad checksum of an unknown command",
                says: [["command": "box", "payload": "0102", "checksum": "01020304"]],
                refused(.checksumMismatch, box, reason)),
            Row(
                "bad checksum of a block", says: [["command": "block", "zeros": 81, "checksum": "01020304"]],
                refused(.checksumMismatch, .block, reason)),
        ]
    }()

    // MARK: Unknown commands: ignored, connection kept

    private static let unknownCommands: [Row] = [
        Row("unknown command", says: [["command": "box", "payload": "010203"]], .goesOn, delivers: ["box", "ping"]),
        Row(
            "unknown command of twelve bytes", says: [["command": "dsproof-gama", "payload": ""]], .goesOn,
            delivers: ["dsproof-gama", "ping"]),
        Row(
            "unknown command of 2 MiB", says: [["command": "box", "zeros": 2_097_152]], .goesOn,
            delivers: ["box", "ping"]),
    ]

    // MARK: Truncated: decode error, disconnect

    private static let truncated: [Row] = {
        func row(_ what: String, _ frame: JSON, _ command: Command) -> Row {
            Row("truncated payload: \(what)", says: [frame], refused(.truncated, command, cutShort))
        }
        func empty(_ command: Command) -> Row {
            Row(
                "empty payload where fields are required: \(command)",
                says: [["command": .text("\(command)"), "payload": ""]], refused(.truncated, command, cutShort))
        }
        return [
            row("inv amid an entry", ["command": "inv", "payload": "010100000001"], .inventory),
            row("inv on a field's boundary", ["command": "inv", "payload": "0101000000"], .inventory),
            row("headers without the count", ["command": "headers", "payload": "01", "more": "00"], .headers),
            row("tx amid its inputs", ["command": "tx", "payload": "0100000002"], .transaction),
            row("block without its count", ["command": "block", "zeros": 80], .block),
            row("ping of 7 bytes", ["command": "ping", "zeros": 7], .ping),
            row("pong of 7 bytes", ["command": "pong", "zeros": 7], .pong),
            empty(.ping), empty(.inventory), empty(.getHeaders), empty(.transaction), empty(.feeFilter),
            Row(
                "stream ends mid-payload", says: [["command": "inv", "zeros": 4, "length": 400]], shutsDown: true,
                .ends(.remoteClosed)),
            Row("stream ends mid-header", says: [["bytes": "dab5bffa7069"]], shutsDown: true, .ends(.remoteClosed)),
        ]
    }()

    // MARK: Trailing bytes: ignored where the command has room for them

    private static let trailing: [Row] = {
        func empty(_ command: Command) -> Row {
            Row(
                "trailing byte after \(command), which has no fields",
                says: [["command": .text("\(command)"), "more": "00"]], refused(.payloadTooLong, command, tooLong))
        }
        let hash = JSON.text(String(repeating: "11", count: 32))
        return [
            Row(
                "trailing bytes after the fields of inv",
                says: [["command": "inv", "fields": ["items": [["tx", hash]]], "more": "000102"]], .goesOn),
            Row(
                "trailing bytes after the fields of reject, which end with a hash",
                says: [Row.malformed("ping", "no").with(["more": .text(String(repeating: "22", count: 34))])], .goesOn),
            Row(
                "a hash cut short after the fields of reject",
                says: [Row.malformed("ping", "no").with(["more": "0102"])], refused(.truncated, .reject, cutShort)),
            Row(
                "trailing byte after the fields of ping", says: [["command": "ping", "fields": nonce, "more": "00"]],
                refused(.payloadTooLong, .ping, tooLong)),
            Row(
                "trailing byte after the fields of feefilter",
                says: [["command": "feefilter", "fields": ["rate": 1], "more": "00"]],
                refused(.payloadTooLong, .feeFilter, tooLong)),
            empty(.getAddresses), empty(.sendHeaders), empty(.sendAddressesV2), empty(.xVerack),
        ]
    }()

    // MARK: In the handshake every bad frame ends the connection without a reject

    private static let inHandshake: [Row] = {
        func row(
            _ text: String, _ stage: Row.Stage, _ frame: JSON, _ refusal: FrameRefusal, _ command: Command
        ) -> Row {
            Row("in the handshake: \(text)", stage, says: [frame], refused(refusal, command))
        }
        let noName = Command(low: 0xff62, high: 0)
        return [
            row("wrong magic", .connected, ["command": "version", "magic": "mainnet"], .wrongMagic, nameless),
            row(
                "bad checksum", .connected, ["command": "version", "checksum": "00000000"], .checksumMismatch,
                .version),
            row(
                "a version over its limit", .connected, ["command": "version", "zeros": 4_097], .payloadTooLong,
                .version),
            row("a long payload", .versionsSaid, ["command": "box", "zeros": 65_537], .payloadTooLong, box),
            row(
                "a command that is not text", .versionsSaid, ["commandHex": "62ff", "payload": ""], .malformedCommand,
                noName),
            row(
                "a verack with a payload", .versionsSaid, ["command": "verack", "more": "00"], .payloadTooLong,
                .verack),
            row(
                "bad checksum of verack", .versionsSaid, ["command": "verack", "checksum": "00000000"],
                .checksumMismatch, .verack),
            row(
                "a truncated extversion", .versionsSaid, ["command": "extversion", "payload": "01"], .truncated,
                .extendedVersion),
        ]
    }()
}
