import PeerKit
import Testing

/// A text of at most 60 bytes.
private struct Note: CustomMessage, CustomStringConvertible {
    static let command = Command(literal: "note")
    static let maximumPayload = 61
    static let minimumVersion: ProtocolVersion? = .sendHeaders
    var text: [UInt8]

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> Note {
        Note(text: try span.readBytes(at: &offset, maximum: 60, "text"))
    }

    var encodedLength: Int { CompactSize.encodedLength(text.count) + text.count }

    func encode(into writer: inout ByteWriter) {
        writer.writeCount(text.count)
        writer.writeBytes(text)
    }

    var description: String { String(decoding: text, as: UTF8.self) }
}

/// Longer than any ordinary message may be. Must begin with a 1.
private struct Parcel: CustomMessage {
    static let command = Command(literal: "parcel")
    static let maximumPayload = 3_000_000
    var bytes: [UInt8]

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> Parcel {
        let bytes = WireBytes(copying: span).array
        if bytes.first != 1 { throw DecodeError(field: "parcel", offset: 0, reason: .malformed("a 1")) }
        offset = span.byteCount
        return Parcel(bytes: bytes)
    }

    var encodedLength: Int { bytes.count }
    func encode(into writer: inout ByteWriter) { writer.writeBytes(bytes) }
}

@Suite(.timeLimit(.minutes(2))) struct CustomMessageTests {
    private static func register(_ configuration: inout PeerConfiguration) {
        try? configuration.messageRegistry.register(Note.self)
    }

    private static func payload(_ byteCount: Int) -> [UInt8] {
        [UInt8(byteCount)] + [UInt8](repeating: 0x61, count: byteCount)
    }

    @Test func twoNodesExchangeTheirOwnMessage() async throws {
        let notes = Log<String>()
        try await NodeRig.pair({
            Self.register(&$0)
            $0.listeners.on(Note.self) { notes.add("typed \($0.direction) \($1)") }
            $0.listeners.onCustom = { notes.add("custom \($0.direction) \($1.as(Note.self)?.description ?? "?")") }
            $0.listeners.onUnknown = { peer, command, _ in notes.add("unknown \(peer.direction) \(command)") }
        }) { _, acceptor, outbound, inbound in
            try await outbound.send(.custom(Note(text: Array("there".utf8))))
            #expect(try await notes.wait(for: 2) == ["custom inbound there", "typed inbound there"])
            #expect(acceptor.log.all.contains { $0.message == .custom(Note(text: Array("there".utf8))) })
            inbound.queue(.custom(Note(text: Array("back".utf8))))
            #expect(try await notes.wait(for: 4).suffix(2) == ["custom outbound back", "typed outbound back"])
        }
    }

    @Test func aListenerOfATypeIsEnough() async throws {
        let notes = Log<Int>()
        let log = Log<Heard>()
        try await NodeRig.with({
            Self.register(&$0)
            $0.listeners = MessageListeners()
            $0.listeners.onHandshake = log.listeners.onHandshake
            $0.listeners.on(Note.self) { notes.add($1.text.count) }
        }) { rig in
            let client = try RawClient(port: rig.port)
            try await client.handshake()
            try await client.send(Raw.frame("note", Self.payload(3)))
            #expect(try await notes.wait(for: 1) == [3])
        }
    }

    @Test func thePayloadLimitHoldsOnBothSides() async throws {
        try await NodeRig.with(Self.register) { rig in
            let (client, peer) = try await rig.rawPeer()
            try await peer.send(.custom(Note(text: [UInt8](repeating: 1, count: 60))))
            #expect(try await client.receiveFrame()?.payload.count == 61)
            let error = EncodeError.payloadTooLong(Note.command, length: 62, limit: 61)
            #expect(
                peer.queue(.custom(Note(text: [UInt8](repeating: 1, count: 61)))) == .refused(.encoding(error)))

            try await client.send(Raw.frame("note", Self.payload(60)))
            try await rig.log.wait { $0.contains { $0.message?.command == Note.command } }
            try await client.send(Raw.frame("note", Self.payload(61)))
            _ = try await client.receiveToEnd()
            await client.close()
            #expect(
                try await rig.log.disconnectReason() == .refusedFrame(.payloadTooLong, command: Note.command))
        }
    }

    @Test(
        arguments: [
            ([5, 0x61], FrameRefusal.truncated), ([1, 0x61, 0x62], .trailingBytes), ([61, 0x61], .limitExceeded),
            ([], .truncated), ([0xfd, 1, 0, 0x61], .malformed),
        ] as [([UInt8], FrameRefusal)])
    func aMalformedPayloadIsRefused(_ payload: [UInt8], _ refusal: FrameRefusal) async throws {
        // Whether anybody listens or not.
        for isHeard in [true, false] {
            try await NodeRig.with({
                Self.register(&$0)
                if !isHeard { $0.listeners.onMessage = nil }
            }) { rig in
                let (client, _) = try await rig.rawPeer()
                try await client.send(Raw.frame("note", payload))
                let reject = try Raw.reject(in: await client.receiveFrame())
                #expect(reject?.commandBytes == Array("note".utf8))
                await client.close()
                #expect(try await rig.log.disconnectReason() == .refusedFrame(refusal, command: Note.command))
            }
        }
    }

    /// Beyond what the loop decodes itself.
    @Test func aLargeOneIsDecodedByAWorker() async throws {
        let sizes = Log<Int>()
        try await NodeRig.with({
            try? $0.messageRegistry.register(Parcel.self)
            $0.listeners.on(Parcel.self) { sizes.add($1.bytes.count) }
        }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send(Raw.frame("parcel", [UInt8](repeating: 1, count: 3_000_000)))
            #expect(try await sizes.wait(for: 1) == [3_000_000])
            try await client.send(Raw.frame("parcel", [UInt8](repeating: 2, count: 3_000_000)))
            _ = try await client.receiveToEnd()
            await client.close()
            #expect(try await rig.log.disconnectReason() == .refusedFrame(.malformed, command: Parcel.command))
        }
    }

    @Test func itsMinimumVersionHolds() async throws {
        try await NodeRig.with(Self.register) { rig in
            let (client, peer) = try await rig.rawPeer(as: Raw.version(70_011))
            let message = Message.custom(Note(text: []))
            let error = EncodeError.versionGate(Note.command, minimum: .sendHeaders)
            #expect(peer.queue(message) == .refused(.encoding(error)))
            #expect(
                peer.queue(try EncodedMessage(message, network: .regtest))
                    == .refused(.otherVersion(ProtocolVersion(rawValue: 70_011))))
            try await client.send(Raw.frame("note", [0]))
            _ = try await client.receiveToEnd()
            await client.close()
            #expect(
                try await rig.log.disconnectReason() == .refusedFrame(.notInThisVersion, command: Note.command))
        }
    }

    @Test func whatIsNotRegisteredIsUnknown() async throws {
        let unknown = Log<[UInt8]>()
        try await NodeRig.with({ $0.listeners.onUnknown = { unknown.add($2.array) } }) { rig in
            let (client, _) = try await rig.rawPeer()
            try await client.send(Raw.frame("note", [9, 9]))
            #expect(try await unknown.wait(for: 1) == [[9, 9]])
        }
    }

    @Test func aListenerWithoutItsTypeIsAMistake() throws {
        var configuration = PeerConfiguration(network: .regtest)
        configuration.listeners.on(Note.self) { _, _ in }
        #expect(
            throws: NodeError.invalidConfiguration("there is a listener of 'note', which messageRegistry does not have")
        ) { try PeerNode(configuration) }
    }
}
