import PeerWire
import Testing

/// Messages read in one step are those read in two, whatever the pieces.
@Suite struct NextMessageTests {
    private enum Outcome: Equatable {
        case message(Message)
        case error(WireError)
    }

    /// What comes out of a stream given in pieces of one size; ends at the first error that is final.
    private static func read(
        _ stream: [UInt8], _ size: Int, inOneStep: Bool, version: ProtocolVersion = .current
    ) -> [Outcome] {
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        var outcomes: [Outcome] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            let input = stream.span.bytes.extracting(start..<min(start + size, stream.count))
            var offset = 0
            while true {
                do throws(WireError) {
                    let message =
                        try inOneStep
                        ? decoder.nextMessage(
                            in: input, at: &offset, limits: WireLimits(), phase: .established,
                            protocolVersion: version)
                        : twoSteps(&decoder, input, &offset, version)
                    guard let message else { break }
                    outcomes.append(.message(message))
                } catch {
                    outcomes.append(.error(error))
                    if !error.isRecoverable { return outcomes }
                }
            }
        }
        return outcomes
    }

    private static func twoSteps(
        _ decoder: inout FrameDecoder, _ input: RawSpan, _ offset: inout Int, _ version: ProtocolVersion
    ) throws(WireError) -> Message? {
        let next: Frame?
        do throws(FrameError) {
            next = try decoder.nextFrame(in: input, at: &offset, limits: WireLimits(), phase: .established)
        } catch { throw .frame(error) }
        guard let frame = next else { return nil }
        do throws(DecodeError) {
            return try Message.decode(frame, input: input, protocolVersion: version)
        } catch { throw .payload(frame.command, error) }
    }

    /// Good messages, a bad checksum, a payload that is not that of its command, an unknown command, characters that no
    /// command has.
    private static func stream() throws -> [UInt8] {
        var badChecksum = Examples.ping
        badChecksum[31] ^= 1
        let badPayload = try Message.unknown(Command(literal: "ping"), [1, 2, 3]).frame(magic: Network.mainnet.magic)
        let unknown = try Message.unknown(Command(literal: "box"), [1, 2]).frame(magic: Network.mainnet.magic)
        var badCommand = unknown
        badCommand[5] = 0xff
        return Examples.version + badChecksum + Examples.ping + badPayload + unknown + badCommand + Examples.transaction
            + Examples.compactBlock + Examples.inventory
    }

    @Test(arguments: [1, 7, 23, 24, 25, 100, 100_000]) func oneStepIsTwoSteps(_ size: Int) throws {
        let stream = try Self.stream()
        let outcomes = Self.read(stream, size, inOneStep: true)
        #expect(outcomes == Self.read(stream, size, inOneStep: false))
        #expect(outcomes == Self.read(stream, stream.count, inOneStep: true))
        #expect(outcomes.count == 9)
        let errors = outcomes.compactMap { if case .error(let error) = $0 { error } else { nil } }
        #expect(errors.first?.description.hasPrefix("'ping' has checksum 3b5a7513, its payload hashes to ") == true)
        #expect(
            errors.dropFirst().map(\.description) == [
                "'ping': nonce at byte 0: needs 8 bytes, 3 left",
                "command 'b\\xffx' (payload of 2 bytes) has characters that are refused",
            ])
        #expect(errors.allSatisfy { $0.isRecoverable })
    }

    @Test func aFinalErrorStays() throws {
        let stream = Examples.ping + [9, 9, 9, 9] + Examples.ping
        let outcomes = Self.read(stream, stream.count, inOneStep: true)
        #expect(outcomes.count == 2)
        guard case .error(.frame(.wrongMagic))? = outcomes.last else {
            Issue.record("\(outcomes)")
            return
        }
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        for _ in 0..<3 {
            #expect(throws: WireError.self) {
                var offset = 0
                _ = try decoder.nextMessage(
                    in: [UInt8](repeating: 9, count: 30).span.bytes, at: &offset, limits: WireLimits(),
                    phase: .established)
            }
        }
    }

    @Test func theVersionDecides() throws {
        let stream = Examples.sendCompact
        let old = Self.read(stream, stream.count, inOneStep: true, version: ProtocolVersion(rawValue: 70_013))
        #expect(
            old == [
                .error(
                    .payload(
                        .sendCompact,
                        DecodeError(field: "message", offset: 0, reason: .versionGate(minimum: .compactBlocks))))
            ])
    }
}
