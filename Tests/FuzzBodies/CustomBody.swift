import PeerWire

/// A text: a message of our own, of varying length.
struct FuzzNote: CustomMessage {
    static let command = Command(low: 0x65746f6e, high: 0)
    static let maximumPayload = 300
    let text: WireBytes

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> FuzzNote {
        let length = Int(try CompactSize.decodeValue(from: span, at: &offset, maximum: 299, field: "text"))
        guard span.byteCount - offset >= length else {
            throw DecodeError(
                field: "text", offset: offset,
                reason: .truncated(needed: length, available: span.byteCount - offset))
        }
        defer { offset += length }
        return FuzzNote(text: WireBytes(copying: span.extracting(offset..<(offset + length))))
    }

    func check() throws(EncodeError) {
        if text.count > 299 { throw .limitExceeded(field: "text", value: text.count, limit: 299) }
    }
    var encodedLength: Int { CompactSize.encodedLength(text.count) + text.count }
    func encode(into writer: inout ByteWriter) {
        writer.writeCount(text.count)
        writer.writeBytes(text)
    }
}

/// A message of our own without a payload.
struct FuzzSignal: CustomMessage {
    static let command = Command(low: 0x6c616e676973, high: 0)
    static let maximumPayload = 0
    static var minimumVersion: ProtocolVersion? { .compactBlocks }

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> FuzzSignal {
        FuzzSignal()
    }
    var encodedLength: Int { 0 }
    func encode(into writer: inout ByteWriter) {}
}

/// A field of each kind: a message of our own that tries every reader and writer.
struct FuzzFields: CustomMessage {
    static let command = Command(low: 0x7364_6c65_6966, high: 0)
    static let maximumPayload = 10_000
    let byte: UInt8
    let port: UInt16
    let pair: UInt16
    let word: UInt32
    let signedWord: Int32
    let long: UInt64
    let signedLong: Int64
    let hash: Hash256
    let list: [UInt32]
    let text: [UInt8]

    static func decode(
        from span: RawSpan, at offset: inout Int, protocolVersion: ProtocolVersion
    ) throws(DecodeError) -> FuzzFields {
        let byte = try span.readUInt8(at: &offset, "byte")
        let port = try span.readUInt16BigEndian(at: &offset, "port")
        let pair = try span.readUInt16(at: &offset, "pair")
        let word = try span.readUInt32(at: &offset, "word")
        let signedWord = try span.readInt32(at: &offset, "signed word")
        let long = try span.readUInt64(at: &offset, "long")
        let signedLong = try span.readInt64(at: &offset, "signed long")
        let hash = try span.readHash(at: &offset, "hash")
        let count = try span.readCount(at: &offset, maximum: .max, itemSize: 4, "count")
        var list: [UInt32] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try span.readUInt32(at: &offset, "item")) }
        let text = try span.readByteRange(at: &offset, maximum: .max, "text")
        return FuzzFields(
            byte: byte, port: port, pair: pair, word: word, signedWord: signedWord, long: long, signedLong: signedLong,
            hash: hash, list: list, text: WireBytes(copying: span.extracting(text)).array)
    }

    var encodedLength: Int {
        61 + CompactSize.encodedLength(list.count) + 4 * list.count + CompactSize.encodedLength(text.count) + text.count
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeUInt8(byte)
        writer.writeUInt16BigEndian(port)
        writer.writeUInt16(pair)
        writer.writeUInt32(word)
        writer.writeInt32(signedWord)
        writer.writeUInt64(long)
        writer.writeInt64(signedLong)
        writer.writeHash(hash)
        writer.writeCount(list.count)
        for item in list { writer.writeUInt32(item) }
        writer.writeCount(text.count)
        writer.writeBytes(text)
    }
}

/// Messages of an application's own. Whatever they are, they come back, and commands without a type stay as they are.
///
/// What (1 byte), protocol version (1), then the payload; or twelve bytes of a command ahead of it.
enum CustomBody {
    static func registry() throws(Violation) -> MessageRegistry {
        try expect("a registry") { () throws(MessageRegistry.RegistrationError) in
            var registry = MessageRegistry()
            try registry.register(FuzzNote.self)
            try registry.register(FuzzSignal.self)
            try registry.register(FuzzFields.self)
            return registry
        }
    }

    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        let choice = input.byte()
        let versions = ProtocolVersion.steps
        let version = versions[Int(input.byte()) % versions.count]
        let registry = try registry()
        let command =
            switch choice & 3 {
            case 0: FuzzNote.command
            case 1: FuzzSignal.command
            case 2: FuzzFields.command
            default: Command(low: input.uint64(), high: input.uint32())
            }
        let payload = input.rest()
        let message = try attempt { () throws(DecodeError) in
            try Message.decode(command: command, payload: payload, protocolVersion: version, registry: registry)
        }
        guard let message else { return }
        try require(message.command == command, "\(command) became \(message.command)")
        try requireKind(message, command)
        let encoded = try attempt { () throws(EncodeError) in try message.payload(protocolVersion: version) }
        guard let encoded else {
            // Any command is read; a malformed one is not sent.
            return try require(!command.isWellFormed || payload.count > 2_097_152, "\(command) is read and not sent")
        }
        try require(encoded == payload, "\(command) is encoded otherwise")
        let again = try expect("decode of encode") { () throws(DecodeError) in
            try Message.decode(command: command, payload: encoded, protocolVersion: version, registry: registry)
        }
        try require(again == message && again.hashValue == message.hashValue, "\(command) is not equal to itself")
    }

    private static func requireKind(_ message: Message, _ command: Command) throws(Violation) {
        switch message {
        case .custom(let custom):
            let types: [Command?] = [
                custom.as(FuzzNote.self).map { _ in FuzzNote.command },
                custom.as(FuzzSignal.self).map { _ in FuzzSignal.command },
                custom.as(FuzzFields.self).map { _ in FuzzFields.command },
            ]
            try require(types.compactMap { $0 } == [command], "\(command) has another type")
        case .unknown:
            let registered = try registry().commands
            try require(MessageKind(command) == nil && !registered.contains(command), "\(command) is not known")
        default: try require(MessageKind(command) == message.kind, "\(command) has another kind")
        }
    }

    static var seeds: [[UInt8]] {
        let version = UInt8(ProtocolVersion.steps.firstIndex(of: .current) ?? 0)
        let note = Array("\u{5}hello".utf8)
        return [
            FuzzSeed(0, version).adding(note).bytes, FuzzSeed(0, version).adding(note).adding(1).bytes,
            FuzzSeed(0, version, 0xfd, 0x2b, 1).adding([UInt8](repeating: 9, count: 299)).bytes,
            FuzzSeed(1, version).bytes, FuzzSeed(1, 0).bytes, FuzzSeed(1, version, 0).bytes,
            FuzzSeed(2, version).adding((0..<61).map { UInt8($0) }).adding(2, 1, 2, 3, 4, 5, 6, 7, 8).adding(note)
                .bytes,
            FuzzSeed(3, version).adding(Command.ping.bytes).adding(1, 2, 3, 4, 5, 6, 7, 8).bytes,
            FuzzSeed(3, version).adding(Array("something\0\0\0".utf8)).adding(note).bytes,
            FuzzSeed(3, version).adding(FuzzNote.command.bytes).adding(note).bytes,
        ]
    }
}
