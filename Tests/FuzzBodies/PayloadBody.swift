import PeerWire

/// A payload of a command at a protocol version. What decodes encodes to the same bytes, which decode to the same
/// message.
///
/// Settings: command (1 byte), protocol version (1), limits (1); then the payload.
enum PayloadBody {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        let command = commands[Int(input.byte()) % commands.count]
        let versions = ProtocolVersion.steps
        let version = versions[Int(input.byte()) % versions.count]
        let choice = Int(input.byte())
        var limits = WireLimits.all[choice % WireLimits.all.count]
        let payload = input.rest()
        // The length of an unknown payload is judged with its header, and when it is written.
        if isUnknown(command), payload.count > limits.maxOrdinaryPayload { limits = .wide }
        let frame = Frame(command: command, payload: payload)
        let first = outcome { () throws(DecodeError) in
            try Message.decode(command: command, payload: payload, protocolVersion: version, limits: limits)
        }
        let second = outcome { () throws(DecodeError) in
            try Message.decode(frame, input: [UInt8]().span.bytes, protocolVersion: version, limits: limits)
        }
        try require(first == second, "\(command) alone gives \(first), in a frame \(second)")
        switch first {
        case .failure(let error):
            try require(
                error.offset >= 0 && error.offset <= payload.count && !error.description.isEmpty,
                "\(command) of \(payload.count) bytes has an error at \(error.offset)")
        case .success(let message):
            try requireExact(message, command, payload, version, limits)
            try MessageWalk.visit(message)
        }
    }

    private static func isUnknown(_ command: Command) -> Bool { MessageKind(command) == nil }

    private static func outcome(_ body: () throws(DecodeError) -> Message) -> Result<Message, DecodeError> {
        do throws(DecodeError) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }

    private static func requireExact(
        _ message: Message, _ command: Command, _ payload: [UInt8], _ version: ProtocolVersion, _ limits: WireLimits
    ) throws(Violation) {
        try require(message.command == command, "\(command) became \(message.command)")
        let encoded = try expect("encode of decode") { () throws(EncodeError) in
            try message.payload(protocolVersion: version, limits: limits)
        }
        try require(encoded == payload, "\(command) of \(payload.count) bytes is encoded otherwise")
        let again = try expect("decode of encode") { () throws(DecodeError) in
            try Message.decode(command: command, payload: encoded, protocolVersion: version, limits: limits)
        }
        try require(again == message && again.hashValue == message.hashValue, "\(command) is not equal to itself")
        let frame = try expect("frame") { () throws(EncodeError) in
            try message.frame(magic: Network.regtest.magic, protocolVersion: version, limits: limits)
        }
        let header = FrameStreamSetup.header(command, payload, magic: Network.regtest.magic)
        try require(frame == header + payload, "\(command) has another frame")
        // Tighter limits may refuse it, and say so; they do not change it.
        for limits in WireLimits.all {
            let other = try attempt { () throws(DecodeError) in
                try Message.decode(command: command, payload: payload, protocolVersion: version, limits: limits)
            }
            let length = try attempt { () throws(EncodeError) in
                try message.payload(protocolVersion: version, limits: limits).count
            }
            try require(other == nil || other == message, "\(command) depends on limits")
            let isLong = isUnknown(command) && payload.count > limits.maxOrdinaryPayload
            try require(other == nil || isLong || length == payload.count, "\(command) is read and not written")
        }
    }

    /// Those with a type, and two without.
    private static let commands: [Command] =
        MessageKind.allCases.map(\.command) + [
            Command(low: 0x6e77_6f6e_6b6e_75, high: 0), Command(low: 0x6f_006f, high: 0),
        ]

    private static let currentVersion = UInt8(ProtocolVersion.steps.firstIndex(of: .current) ?? 0)

    static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for message in Samples.messages {
            guard let place = commands.firstIndex(of: message.command) else { continue }
            let oldest = message.kind?.minimumVersion ?? ProtocolVersion(rawValue: .min)
            for (index, version) in ProtocolVersion.steps.enumerated() where version >= oldest {
                let isStep = message.kind == .addresses || message.kind == .ping || version == oldest
                guard isStep || version == .current else { continue }
                guard let payload = try? message.payload(protocolVersion: version) else { continue }
                let choice = UInt8(truncatingIfNeeded: seeds.count)
                seeds.append(FuzzSeed(UInt8(place), UInt8(index), choice).adding(payload).bytes)
            }
        }
        return seeds
    }

    static func seed(_ command: String, _ payload: [UInt8], _ version: Int32) -> [UInt8]? {
        guard let command = Command(command), let place = commands.firstIndex(of: command) else { return nil }
        let index = ProtocolVersion.steps.firstIndex(of: ProtocolVersion(rawValue: version)).map { UInt8($0) }
        return FuzzSeed(UInt8(place), index ?? currentVersion, 0).adding(payload).bytes
    }
}
