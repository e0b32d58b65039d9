import PeerKit
import PeerLoop
import Testing

/// What a peer says wrong, and what it hears about it.
struct Offence: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What the client says, from the first byte of the stream on.
    let said: [UInt8]
    let reason: DisconnectReason
    /// Frames that come before the goodbye: 3 when the node has answered the version.
    var answered = 3
    var reject: RejectMessage?

    static func all() throws -> [Offence] { try inHandshake() + established() + fromOldPeers() }

    private static let magic = Network.regtest.magic

    private static func frames(_ messages: [Message]) throws -> [UInt8] {
        try messages.flatMap { try $0.frame(magic: magic) }
    }

    private static func reject(_ command: Command, _ code: RejectCode, _ reason: String) -> RejectMessage {
        RejectMessage(command: command, code: code, reason: reason)
    }

    private static func inHandshake() throws -> [Offence] {
        let version = Message.version(Raw.version())
        func first(_ command: Command) -> RejectMessage {
            reject(command, .malformed, "a version message must precede all others")
        }
        let hello = Command(literal: "hello")
        return [
            Offence(
                testDescription: "verack first", said: try frames([.verack]),
                reason: .protocolViolation(.beforeVersion, command: .verack), answered: 0, reject: first(.verack)),
            Offence(
                testDescription: "ping first", said: try frames([.ping(nonce: 1)]),
                reason: .protocolViolation(.beforeVersion, command: .ping), answered: 0, reject: first(.ping)),
            Offence(
                testDescription: "unknown command first", said: Raw.frame("hello"),
                reason: .protocolViolation(.beforeVersion, command: hello), answered: 0, reject: first(hello)),
            Offence(
                testDescription: "version twice", said: try frames([version, version]),
                reason: .protocolViolation(.duplicateVersion, command: .version),
                reject: reject(.version, .duplicate, "duplicate version message")),
            Offence(
                testDescription: "ping before verack", said: try frames([version, .ping(nonce: 1)]),
                reason: .protocolViolation(.beforeVerack, command: .ping),
                reject: reject(.ping, .malformed, "a verack message must precede this one")),
            Offence(
                testDescription: "another network", said: Raw.frame("version", [1], magic: Network.mainnet.magic),
                reason: .refusedFrame(.wrongMagic, command: Command(low: 0, high: 0)), answered: 0),
            Offence(
                testDescription: "bad checksum of version",
                said: Raw.frame("version", [UInt8](repeating: 0, count: 90), checksum: 1),
                reason: .refusedFrame(.checksumMismatch, command: .version), answered: 0),
            Offence(
                testDescription: "version of 4,097 bytes", said: Raw.frame("version", length: 4_097),
                reason: .refusedFrame(.payloadTooLong, command: .version), answered: 0),
            Offence(
                testDescription: "version cut short", said: Raw.frame("version", [UInt8](repeating: 1, count: 45)),
                reason: .refusedFrame(.truncated, command: .version), answered: 0),
            Offence(
                testDescription: "version below the minimum",
                said: try frames([.version(Raw.version(70_010))]),
                reason: .obsoleteVersion(ProtocolVersion(rawValue: 70_010)), answered: 0,
                reject: reject(.version, .obsolete, "protocol version must be 70011 or greater")),
            Offence(
                testDescription: "negative version", said: try frames([.version(Raw.version(-1))]),
                reason: .obsoleteVersion(ProtocolVersion(rawValue: -1)), answered: 0),
        ]
    }

    private static func established() throws -> [Offence] {
        let hello = try frames([.version(Raw.version()), .verack])
        func offence(_ name: String, _ bytes: [UInt8], _ reason: DisconnectReason, _ reject: RejectMessage?) -> Offence
        {
            Offence(testDescription: name, said: hello + bytes, reason: reason, reject: reject)
        }
        return [
            offence(
                "version after the handshake", try frames([.version(Raw.version())]),
                .protocolViolation(.duplicateVersion, command: .version),
                reject(.version, .duplicate, "duplicate version message")),
            offence(
                "verack twice", try frames([.verack]), .protocolViolation(.duplicateVerack, command: .verack),
                reject(.verack, .duplicate, "duplicate verack message")),
            offence(
                "wrong magic", Raw.frame("ping", [1, 2, 3, 4, 5, 6, 7, 8], magic: 0x0102_0304),
                .refusedFrame(.wrongMagic, command: Command(low: 0, high: 0)), nil),
            offence(
                "bad checksum", Raw.frame("ping", [1, 2, 3, 4, 5, 6, 7, 8], checksum: 0),
                .refusedFrame(.checksumMismatch, command: .ping),
                reject(.ping, .malformed, "message has a wrong checksum")),
            offence(
                "bad checksum of an unknown command", Raw.frame("box", [1], checksum: 0),
                .refusedFrame(.checksumMismatch, command: Samples.unknown(0).command),
                reject(Samples.unknown(0).command, .malformed, "message has a wrong checksum")),
            offence(
                "ping of 9 bytes", Raw.frame("ping", [UInt8](repeating: 0, count: 9)),
                .refusedFrame(.payloadTooLong, command: .ping),
                reject(.ping, .malformed, "message is over the size limit")),
            offence(
                "4 GiB declared", Raw.frame("box", length: 0xffff_ffff),
                .refusedFrame(.payloadTooLong, command: Samples.unknown(0).command),
                reject(Samples.unknown(0).command, .malformed, "message is over the size limit")),
            offence(
                "ping of 7 bytes", Raw.frame("ping", [UInt8](repeating: 0, count: 7)),
                .refusedFrame(.truncated, command: .ping), reject(.ping, .malformed, "message is cut short")),
            offence(
                "inv cut short", Raw.frame("inv", [2] + [UInt8](repeating: 0, count: 36)),
                .refusedFrame(.truncated, command: .inventory),
                reject(.inventory, .malformed, "message is cut short")),
            offence(
                "command that is not text", Raw.frame("a\u{1}b"),
                .refusedFrame(.malformedCommand, command: Command(low: 0x62_0161, high: 0)),
                reject(Command(low: 0x62_0161, high: 0), .malformed, "message has a command that is not text")),
        ]
    }

    /// Peers below 70002 do not know reject.
    private static func fromOldPeers() throws -> [Offence] {
        let hello = try frames([.version(Raw.version(70_001)), .verack])
        return [
            Offence(
                testDescription: "verack twice, 70001", said: hello + (try frames([.verack])),
                reason: .protocolViolation(.duplicateVerack, command: .verack)),
            Offence(
                testDescription: "bad checksum, 70001", said: hello + Raw.frame("getaddr", checksum: 0),
                reason: .refusedFrame(.checksumMismatch, command: .getAddresses)),
            Offence(
                testDescription: "version below the minimum, 208",
                said: try frames([.version(Raw.version(208))]),
                reason: .obsoleteVersion(ProtocolVersion(rawValue: 208)), answered: 0),
        ]
    }
}

@Suite(.timeLimit(.minutes(2))) struct RefusalTests {
    /// The reason, and exactly the frames that the other side gets of it.
    @Test(arguments: try Offence.all()) func offencesEndAsTheyShould(_ offence: Offence) async throws {
        let asksForMore = offence.testDescription == "version below the minimum"
        try await NodeRig.with({
            if asksForMore { $0.minimumProtocolVersion = .bloomService }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.send(offence.said)
            let frames = try await client.receiveToEnd()
            // What was queued is written only where a goodbye is due.
            if offence.reject != nil || offence.answered == 0 {
                #expect(frames.count == offence.answered + (offence.reject == nil ? 0 : 1), "\(frames)")
            }
            #expect(
                frames.prefix(3).map(\.command) == ["version", "sendaddrv2", "verack"]
                    || offence.answered == 0 || offence.reject == nil)
            if let expected = offence.reject {
                #expect(try Raw.reject(in: frames.last) == expected)
            } else {
                #expect(!frames.contains { $0.command == "reject" })
            }
            await client.close()
            #expect(try await rig.log.disconnectReason() == offence.reason)
        }
    }

    /// Unread input must not turn the goodbye into a reset that takes the reject away again.
    @Test func theGoodbyeIsReadAlthoughInputWasUnread() async throws {
        try await NodeRig.with({ $0.goodbyeTimeout = .seconds(60) }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send(
                Raw.frame("ping", [1, 2, 3, 4, 5, 6, 7, 8], checksum: 0) + [UInt8](repeating: 9, count: 8 << 20))
            let frames = try await client.receiveToEnd()
            #expect(frames.map(\.command) == ["reject"])
            #expect(try Raw.reject(in: frames.first)?.reason == "message has a wrong checksum")
            await client.close()
            #expect(
                try await rig.log.disconnectReason() == .refusedFrame(.checksumMismatch, command: .ping))
        }
    }

    /// Nothing after the offence is delivered, though it came in the same read.
    @Test func nothingFollowsAnOffence() async throws {
        try await NodeRig.with { rig in
            let (client, peer) = try await rig.rawPeer()
            try await client.send([.getAddr, .verack, .sendHeaders])
            _ = try await client.receiveToEnd()
            await client.close()
            let heard = try await rig.log.wait { $0.contains { $0.reason != nil } }
            #expect(
                heard.suffix(3).map(\.event) == [
                    .handshake, .message(.getAddresses),
                    .disconnected(.protocolViolation(.duplicateVerack, command: .verack)),
                ])
            #expect(heard.allSatisfy { $0.peer == peer })
        }
    }
}
