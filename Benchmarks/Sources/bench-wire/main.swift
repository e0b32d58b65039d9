// Every message of the codec, decoded and encoded, next to what it has to reach. See `make bench-wire`.
import Glibc
import PeerWire
import WireBench

/// `--json PATH`, `--group NAME`, `--filter TEXT`, `--rounds N`, `--profile COUNT`.
func option(_ name: String) -> String? {
    guard let place = CommandLine.arguments.firstIndex(of: name) else { return nil }
    return CommandLine.arguments.dropFirst(place + 1).first
}

/// What has a target, but for blocks.
func messages() throws -> [Case] {
    var all = try Cases.ping()
    all += try Cases.both("version", Samples.version)
    all += try Cases.both(
        "inv of 1,000", Samples.inventory(1_000),
        decode: Case.Target(nanoseconds: 28_000, hashRatio: 1.35),
        encode: Case.Target(nanoseconds: 28_000, hashRatio: 1.35))
    all += try Cases.both("inv of 50,000", Samples.inventory(50_000))
    all += try Cases.both(
        "headers of 2,000", Samples.headers(2_000),
        decode: Case.Target(nanoseconds: 115_000, hashRatio: 1.35),
        encode: Case.Target(nanoseconds: 115_000, hashRatio: 1.35))
    all += try Cases.both(
        "tx, 2 in and 2 out", .transaction(try Samples.transaction(3)),
        decode: Case.Target(nanoseconds: 700), encode: Case.Target(nanoseconds: 600))
    all += try Cases.both(
        "addr of 1,000", Samples.addresses(1_000), decode: Case.Target(nanoseconds: 30_000, allocations: 3),
        encode: Case.Target(nanoseconds: 30_000))
    all += try Cases.both("getheaders of 101", .getHeaders(locator: (0..<101).map { Samples.hash($0) }))
    all += try Cases.both("reject", .reject(.transaction, .dust, reason: "dust", hash: Samples.hash(1)))
    return all
}

func blocks() throws -> [Case] {
    var all: [Case] = []
    if let bytes = Samples.file("block-413567.bin") {
        all += try Cases.both("block, real, 1 MB", .block(try Block(bytes: bytes)))
    }
    let block = Message.block(try Samples.block(transactions: 85_561))
    let target = Case.Target(megabytesPerSecond: 1_400, allocations: 20, hashRatio: 1.3)
    all.append(try Cases.decodeCollected("block, 32 MB", block, target: target))
    let frame = try block.frame(magic: Samples.magic)
    let payload = Array(frame.dropFirst(Frame.headerByteCount))
    all.append(
        Case(
            "receive block, 32 MB, 64 KiB pieces", byteCount: frame.count, target: target,
            hashOnly: { keep(SHA256d.checksum(payload.span.bytes)) }, body: { Cases.readPieces(frame, 65_536) }))
    all.append(try Cases.encode("block, 32 MB", block))
    return all
}

/// The captured stream, whole and in the pieces that a loop reads.
func realStream() -> [Case] {
    guard let stream = Samples.file("mainnet-stream.bin") else { return [] }
    let payloads = Stream.payloads(stream)
    let target = Case.Target(megabytesPerSecond: 1_200, allocations: 2, hashRatio: 1.3)
    let hashOnly = { for payload in payloads { keep(SHA256d.checksum(payload.span.bytes)) } }
    return [
        Case(
            "decode real stream", byteCount: stream.count, messageCount: payloads.count, target: target,
            hashOnly: hashOnly, body: { Cases.readAll(stream) }),
        Case(
            "receive real stream, 64 KiB pieces", byteCount: stream.count, messageCount: payloads.count,
            target: target, hashOnly: hashOnly, body: { Cases.readPieces(stream, 65_536) }),
    ]
}

enum Stream {
    static func payloads(_ stream: [UInt8]) -> [[UInt8]] {
        var decoder = FrameDecoder(magic: Samples.magic)
        var payloads: [[UInt8]] = []
        var offset = 0
        do {
            while let frame = try decoder.nextFrame(
                in: stream.span.bytes, at: &offset, limits: Samples.limits, phase: .established)
            {
                payloads.append(frame.payloadBytes(in: stream.span.bytes))
            }
        } catch { Cases.fail(error) }
        return payloads
    }
}

var runner = Runner()
if let rounds = option("--rounds").flatMap({ Int($0) }) { runner.rounds = max(1, rounds) }
var report = Report()
print(Report.heading)
let groups: [(name: String, cases: () throws -> [Case])] = [
    ("messages", messages), ("blocks", blocks), ("stream", realStream), ("kinds", Cases.otherKinds),
    ("derived", Cases.derived),
]
for group in groups where option("--group").map({ $0 == group.name }) ?? true {
    for item in try group.cases() where option("--filter").map({ item.name.contains($0) }) ?? true {
        if let count = option("--profile").flatMap({ Int($0) }) {
            // So many times and nothing else: for a profiler.
            for _ in 0..<count { item.body() }
            continue
        }
        print(report.add(runner.measure(item)))
        fflush(nil)
    }
}
let isPart = option("--filter") != nil || option("--group") != nil
let isRefusingCheap = isPart || Refusals.report()
exit(!isRefusingCheap || report.measurements.contains { $0.verdict == .missed } ? 1 : 0)
