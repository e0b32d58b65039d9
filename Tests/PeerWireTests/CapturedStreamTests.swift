import PeerWire
import TestSupport
import Testing

/// What one node received from another on the main network, and one block of it.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct CapturedStreamTests {
    private func stream() throws -> [UInt8] { try SharedData.bytes(of: "mainnet-stream.bin") }

    @Test func everyMessageComesBackExactly() throws {
        let stream = try stream()
        var decoder = FrameDecoder(magic: Network.mainnet.magic)
        let input = stream.span.bytes
        var offset = 0
        var counts: [MessageKind?: Int] = [:]
        var start = 0
        while let frame = try decoder.nextFrame(
            in: input, at: &offset, limits: WireLimits(), phase: .established)
        {
            let message = try Message.decode(frame, input: input)
            #expect(try message.frame(magic: Network.mainnet.magic) == Array(stream[start..<offset]))
            #expect(message.kind == frame.kind && message.kind != nil)
            counts[message.kind, default: 0] += 1
            start = offset
        }
        #expect(offset == stream.count && !decoder.isMidFrame)
        #expect(counts.values.reduce(0, +) == 966)
        #expect(
            counts == [
                .version: 1, .extendedVersion: 1, .verack: 1, .sendHeaders: 1, .sendCompact: 1, .addresses: 1,
                .ping: 46, .pong: 46, .inventory: 733, .transaction: 103, .block: 27, .headers: 4, .getData: 1,
            ])
    }

    @Test func blocksOfTheStreamAreSound() throws {
        for frame in try cut(stream(), endingAt: []).frames where frame.command == .block {
            let block = try Block(bytes: frame.payload)
            #expect(block.merkleRoot() == block.header.merkleRoot)
        }
    }

    @Test(arguments: [1, 7, 65_536]) func piecesGiveTheSameFrames(_ size: Int) throws {
        let stream = try stream()
        #expect(try cut(stream, pieces: size) == cut(stream, endingAt: []).frames)
    }

    @Test func splitsGiveTheSameFrames() throws {
        let stream = try stream()
        let whole = try cut(stream, endingAt: []).frames
        for split in Swift.stride(from: 1, to: stream.count, by: 50_021) {
            #expect(try cut(stream, endingAt: [split]).frames == whole)
        }
    }

    /// A frame ends with nothing left in the decoder, so a split of the stream is a split of one message. Every one is
    /// tried in messages up to 2 KiB; in longer ones those near both ends and every 997th between.
    @Test func everySplitOfEachMessageGivesTheSameFrame() throws {
        let stream = try stream()
        let whole = try cut(stream, endingAt: []).frames
        var start = 0
        var splits = 0
        for expected in whole {
            let end = start + Frame.headerByteCount + expected.payload.count
            for split in (start + 1)..<end {
                let isEdge = split - start < 64 || end - split < 64
                guard end - start <= 2_048 || isEdge || (split - start) % 997 == 0 else { continue }
                var decoder = FrameDecoder(magic: Network.mainnet.magic)
                let early = try next(&decoder, stream.span.bytes.extracting(start..<split))
                let frame = try next(&decoder, stream.span.bytes.extracting(split..<end))
                let isSame = early == nil && frame == expected && !decoder.isMidFrame
                if !isSame { Issue.record("\(expected.command) at \(start), split at \(split)") }
                splits += 1
            }
            start = end
        }
        #expect(start == stream.count)
        #expect(splits > 50_000)
    }

    private func next(_ decoder: inout FrameDecoder, _ input: RawSpan) throws(FrameError) -> CutFrame? {
        var offset = 0
        // The hash does not depend on where the split is; that payloads are the same bytes is checked here.
        let frame = try decoder.nextFrame(
            in: input, at: &offset, limits: WireLimits(), phase: .established, verifyChecksumUpTo: -1)
        return frame.map {
            CutFrame(command: $0.command, checksum: $0.checksum, payload: $0.payloadBytes(in: input))
        }
    }

    @Test func theBlockIsRead() throws {
        let bytes = try SharedData.bytes(of: "block-413567.bin")
        let block = try Block(bytes: bytes)
        #expect(block.transactions.count == 1_557)
        #expect(block.byteCount == 999_887 && block.bytes.array == bytes)
        #expect(block.merkleRoot() == block.header.merkleRoot)
        #expect(block.hash() == block.header.hash())
        #expect(block.transactions[0].isCoinbase)
        #expect(block.transactions.dropFirst().allSatisfy { !$0.isCoinbase })
    }

    @Test func transactionsTakenOutOfABlockStandAlone() throws {
        let block = try Block(bytes: SharedData.bytes(of: "block-413567.bin"))
        for transaction in block.transactions {
            let alone = transaction.detached()
            #expect(alone == transaction && alone.hash() == transaction.hash())
            #expect(Array(alone.inputs) == Array(transaction.inputs))
            let rebuilt = try Transaction(
                version: transaction.version, inputs: Array(transaction.inputs),
                outputs: Array(transaction.outputs), lockTime: transaction.lockTime)
            #expect(rebuilt == transaction)
        }
    }

    @Test func aBlockBuiltFromItsPartsIsTheSame() throws {
        let block = try Block(bytes: SharedData.bytes(of: "block-413567.bin"))
        let rebuilt = try Block(header: block.header, transactions: Array(block.transactions))
        #expect(rebuilt == block)
        #expect(rebuilt.transactions.last?.outputs.last == block.transactions.last?.outputs.last)
    }

    @Test func aCutBlockIsRefused() throws {
        let bytes = try SharedData.bytes(of: "block-413567.bin")
        for length in Swift.stride(from: 0, to: bytes.count, by: 9_973) {
            #expect(throws: DecodeError.self) { try Block(bytes: Array(bytes.prefix(length))) }
        }
    }
}
