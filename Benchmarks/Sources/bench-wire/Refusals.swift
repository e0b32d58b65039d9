import CAllocationCount
import PeerWire
import WireBench

/// What refusing bad input costs in memory: all bytes ever asked of the heap for it, which its peak cannot exceed.
enum Refusals {
    /// Whatever is refused may cost less than this.
    static let limit: UInt64 = 1 << 20

    /// Prints the worst of each group. False when one is over the limit or was not refused.
    static func report() -> Bool {
        var isGood = true
        for (name, inputs) in [("10-byte claims of millions", claims()), ("bad vectors", vectors())] {
            guard !inputs.isEmpty else {
                print("refusing \(name): skipped, they are not on this machine")
                continue
            }
            var worst: UInt64 = 0
            for input in inputs { worst = max(worst, cost(of: input)) }
            let verdict = worst < limit ? "ok" : "MISSED"
            isGood = isGood && worst < limit
            print(
                "refusing \(name): \(inputs.count) inputs, at most \(worst) bytes asked of the heap"
                    + " (limit \(limit))  \(verdict)")
        }
        return isGood
    }

    /// A payload with its command, or a whole frame.
    private struct Input {
        var command: Command?
        var bytes: [UInt8]
        var version = ProtocolVersion.current
        var magic = Samples.magic
    }

    private static func cost(of input: Input) -> UInt64 {
        var limits = Samples.limits
        limits.refusesHeadersWithTransactions = true
        let before = allocation_bytes()
        if let command = input.command {
            keep(
                try? Message.decode(
                    command: command, payload: input.bytes, protocolVersion: input.version, limits: limits))
        } else {
            var decoder = FrameDecoder(magic: input.magic)
            var offset = 0
            let span = input.bytes.span.bytes
            while let frame = try? decoder.nextFrame(in: span, at: &offset, limits: limits, phase: .established) {
                keep(try? Message.decode(frame, input: span, protocolVersion: input.version, limits: limits))
            }
        }
        return allocation_bytes() - before
    }

    /// Every command with a payload that claims as many items as a count can, wherever a count may stand.
    private static func claims() -> [Input] {
        var inputs: [Input] = []
        for kind in MessageKind.allCases {
            for lead in [0, 1, 4, 5, 32, 33, 36, 65, 80, 84, 88] {
                for claim in [
                    [0xfe, 0, 0, 0, 2], [0xfe, 0x80, 0x84, 0x1e, 0], [0xfd, 0xff, 0xff],
                    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
                ] as [[UInt8]] {
                    inputs.append(Input(command: kind.command, bytes: [UInt8](repeating: 0, count: lead) + claim))
                }
            }
        }
        // The one that makes others allocate gigabytes: version, no inputs, 30 million outputs.
        inputs.append(Input(command: .transaction, bytes: [1, 0, 0, 0, 0, 0xfe, 0x80, 0xc3, 0xc9, 0x01]))
        return inputs
    }

    /// The bad ones of the vectors beside the project.
    private static func vectors() -> [Input] {
        guard let file = Samples.file("golden.jsonl") else { return [] }
        return file.split(separator: 10).compactMap { line in
            let text = String(decoding: line, as: UTF8.self)
            guard field("kind", in: text) == "bad", let version = field("pver", in: text).flatMap({ Int32($0) }) else {
                return nil
            }
            if let payload = field("payload_hex", in: text), let command = field("command", in: text) {
                return Input(
                    command: Command(command), bytes: bytes(payload), version: ProtocolVersion(rawValue: version))
            }
            let magic = bytes(field("net", in: text) ?? "").reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return Input(
                bytes: bytes(field("frame_hex", in: text) ?? ""), version: ProtocolVersion(rawValue: version),
                magic: magic)
        }
    }

    /// The value of a field of a line of JSON that holds no escapes.
    private static func field(_ name: String, in line: String) -> String? {
        guard let key = line.firstRange(of: "\"\(name)\":") else { return nil }
        let value = line[key.upperBound...].drop { $0 == " " || $0 == "\"" }
        return String(value.prefix { $0 != "\"" && $0 != "," && $0 != "}" })
    }

    private static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value = digit < 0x3a ? digit &- 0x30 : digit &- 0x57
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}

extension String {
    fileprivate func firstRange(of text: String) -> Range<Index>? { ranges(of: text).first }
}
