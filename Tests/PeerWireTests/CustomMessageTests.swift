import PeerWire
import Testing

/// An application's message: a text of up to 20 bytes.
private struct Greeting: CustomMessage {
    static let command = Command(literal: "greeting")
    static var maximumPayload: Int { 21 }
    static var minimumVersion: ProtocolVersion? { .sendHeaders }

    var text: [UInt8]

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> Greeting {
        Greeting(text: try span.readBytes(at: &offset, maximum: 20, "text"))
    }

    func check() throws(EncodeError) {
        if text.count > 20 { throw .limitExceeded(field: "text", value: text.count, limit: 20) }
    }

    var encodedLength: Int { CompactSize.encodedLength(text.count) + text.count }

    func encode(into writer: inout ByteWriter) {
        writer.writeCount(text.count)
        writer.writeBytes(text)
    }
}

/// Another type for the same command, and types that cannot be registered.
private struct Impostor<Name: CommandName>: CustomMessage {
    static var command: Command { Name.command }
    static var maximumPayload: Int { Name.limit }
    var encodedLength: Int { 0 }

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> Impostor {
        Impostor()
    }

    func encode(into writer: inout ByteWriter) {}
}

private protocol CommandName: Hashable, Sendable {
    static var command: Command { get }
    static var limit: Int { get }
}

private enum SameName: CommandName {
    static var command: Command { Greeting.command }
    static var limit: Int { 0 }
}

private enum BuiltInName: CommandName {
    static var command: Command { .addressesV2 }
    static var limit: Int { 0 }
}

private enum OddName: CommandName {
    static var command: Command { Command(low: 0x61_0061, high: 0) }
    static var limit: Int { 0 }
}

private enum NegativeLimit: CommandName {
    static var command: Command { Command(low: 0x61, high: 0) }
    static var limit: Int { -1 }
}

@Suite struct CustomMessageTests {
    private static func registry() throws -> MessageRegistry {
        var registry = MessageRegistry()
        try registry.register(Greeting.self)
        return registry
    }

    private func decode(
        _ frame: [UInt8], _ registry: MessageRegistry?, version: ProtocolVersion = .current,
        phase: WirePhase = .established
    ) throws -> Message? {
        var decoder = FrameDecoder(magic: Network.regtest.magic)
        let input = frame.span.bytes
        var offset = 0
        guard
            let cut = try decoder.nextFrame(
                in: input, at: &offset, limits: WireLimits(), phase: phase, registry: registry)
        else { return nil }
        return try Message.decode(cut, input: input, protocolVersion: version, registry: registry)
    }

    @Test func aRegisteredCommandComesOutAsItsType() throws {
        let greeting = Greeting(text: [1, 2, 3])
        let frame = try Message.custom(greeting).frame(magic: Network.regtest.magic)
        let message = try decode(frame, Self.registry())
        #expect(message == .custom(greeting))
        #expect(message?.command == Greeting.command && message?.kind == nil)
        guard case .custom(let custom)? = message else { return }
        #expect(custom.as(Greeting.self) == greeting && custom.as(Impostor<SameName>.self) == nil)
        #expect(custom == AnyCustomMessage(greeting) && custom != AnyCustomMessage(Greeting(text: [])))
        #expect(custom != AnyCustomMessage(Impostor<SameName>()))
        #expect(custom.hashValue == AnyCustomMessage(greeting).hashValue)
    }

    @Test func withoutARegistryItIsUnknown() throws {
        let frame = try Message.custom(Greeting(text: [7])).frame(magic: Network.regtest.magic)
        #expect(try decode(frame, nil) == .unknown(Greeting.command, [1, 7]))
    }

    @Test func itsLimitIsCheckedAtTheHeader() throws {
        let registry = try Self.registry()
        let fits = try Message.custom(Greeting(text: [UInt8](repeating: 1, count: 20))).frame(
            magic: Network.regtest.magic)
        #expect(try decode(fits, registry) != nil)
        // The same command as a longer unknown message.
        let over = try Message.unknown(Greeting.command, WireBytes([UInt8](repeating: 0, count: 22))).frame(
            magic: Network.regtest.magic)
        #expect(throws: FrameError.payloadTooLong(Greeting.command, length: 22, limit: 21)) {
            try decode(Array(over.prefix(24)), registry)
        }
        #expect(throws: DecodeError(field: "payload", offset: 0, reason: .payloadTooLong(length: 22, limit: 21))) {
            try Message.decode(
                command: Greeting.command, payload: [UInt8](repeating: 0, count: 22), registry: registry)
        }
        #expect(throws: EncodeError.limitExceeded(field: "text", value: 21, limit: 20)) {
            try Message.custom(Greeting(text: [UInt8](repeating: 1, count: 21))).payload()
        }
    }

    @Test func itExistsFromItsVersionOn() throws {
        let message = Message.custom(Greeting(text: []))
        let below = ProtocolVersion(rawValue: 70_011)
        let frame = try message.frame(magic: Network.regtest.magic, protocolVersion: .sendHeaders)
        #expect(throws: EncodeError.versionGate(Greeting.command, minimum: .sendHeaders)) {
            try message.payload(protocolVersion: below)
        }
        #expect(throws: DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: .sendHeaders))) {
            try decode(frame, Self.registry(), version: below)
        }
    }

    @Test func badPayloadsAreRefused() throws {
        let registry = try Self.registry()
        for (payload, reason) in [
            ([], .truncated(needed: 1, available: 0)), ([3, 1], .truncated(needed: 3, available: 1)),
            ([0xfd, 1, 0, 9], .nonCanonical), ([21], .limitExceeded(value: 21, limit: 20)),
        ] as [([UInt8], DecodeError.Reason)] {
            #expect(throws: DecodeError(field: "text", offset: 0, reason: reason)) {
                try Message.decode(command: Greeting.command, payload: payload, registry: registry)
            }
        }
        #expect(throws: DecodeError(field: "payload", offset: 1, reason: .trailingBytes(count: 2))) {
            try Message.decode(command: Greeting.command, payload: [0, 1, 2], registry: registry)
        }
    }

    /// It trapped for lengths from 2^63 on, where a type allows any.
    @Test func aLengthBeyondAnIntIsRefusedWhateverTheMaximum() throws {
        for length in [UInt64(Int.max), 1 << 63, .max] {
            let bytes = CompactSize.encode(length) + [1, 2]
            var offset = 0
            var reason: DecodeError.Reason?
            do throws(DecodeError) {
                _ = try bytes.span.bytes.readByteRange(at: &offset, maximum: .max, "text")
            } catch {
                reason = error.reason
            }
            #expect(reason == .truncated(needed: .max, available: 2))
            #expect(offset == 0)
        }
    }

    /// Sending needs no registry, and keeps its rules all the same.
    @Test func aCommandThatCannotBeRegisteredIsNotSent() {
        for message in [Message.custom(Impostor<BuiltInName>()), .custom(Impostor<OddName>())] {
            #expect(throws: EncodeError.inconsistent("command")) { try message.frame(magic: 1) }
        }
    }

    @Test func onlyFreeCommandsAreRegistered() throws {
        var registry = try Self.registry()
        #expect(throws: MessageRegistry.RegistrationError.duplicate(Greeting.command)) {
            try registry.register(Impostor<SameName>.self)
        }
        #expect(throws: MessageRegistry.RegistrationError.builtIn(.addressesV2)) {
            try registry.register(Impostor<BuiltInName>.self)
        }
        #expect(throws: MessageRegistry.RegistrationError.malformedCommand(OddName.command)) {
            try registry.register(Impostor<OddName>.self)
        }
        #expect(throws: MessageRegistry.RegistrationError.limitOutOfRange(NegativeLimit.command, -1)) {
            try registry.register(Impostor<NegativeLimit>.self)
        }
        #expect(registry.commands == [Greeting.command])
        #expect(registry.maximumPayload(for: Greeting.command) == 21)
        #expect(registry.maximumPayload(for: .version) == nil)
    }
}
