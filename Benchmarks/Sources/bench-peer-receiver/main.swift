// Downloads the first block of a server again and again, decodes it through PeerKit's listeners, and prints one line of
// JSON: what a program that uses the library for this gets.
import Glibc
import PeerKit
import Synchronization

/// Asks for the block that the server's headers name first, keeps `window` requests in flight, and counts what comes.
final class Receiver: Sendable {
    private let window: Int
    private let hash = Mutex<Hash256?>(nil)
    private let blocks = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let transactions = Atomic<Int>(0)
    private let wrongBlocks = Atomic<Int>(0)
    let isLost = Atomic<Bool>(false)

    init(window: Int) {
        self.window = window
    }

    struct Count {
        var blocks: Int
        var bytes: Int
    }

    var count: Count { Count(blocks: blocks.load(ordering: .relaxed), bytes: bytes.load(ordering: .relaxed)) }
    var sawOnlyRightBlocks: Bool { wrongBlocks.load(ordering: .relaxed) == 0 }

    func install(in configuration: inout PeerConfiguration) {
        configuration.listeners.onHeaders = { [self] peer, headers in
            guard let first = headers.headers.first else { return }
            let wanted = first.hash()
            hash.withLock { $0 = wanted }
            for _ in 0..<window { peer.queue(.getData([.block(wanted)])) }
        }
        configuration.listeners.onBlock = { [self] peer, block in
            let wanted = hash.withLock { $0 }
            if block.hash() != wanted || block.transactions.isEmpty { wrongBlocks.add(1, ordering: .relaxed) }
            transactions.add(block.transactions.count, ordering: .relaxed)
            blocks.add(1, ordering: .relaxed)
            bytes.add(block.byteCount, ordering: .relaxed)
            if let wanted { peer.queue(.getData([.block(wanted)])) }
        }
        configuration.listeners.onDisconnect = { [self] _, _ in isLost.store(true, ordering: .relaxed) }
    }
}

/// A line of `/proc/self/status` in bytes, such as `VmHWM`.
func statusBytes(_ name: String) -> Int {
    let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 8_192)
    let count = max(0, read(descriptor, &buffer, buffer.count))
    for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
    where line.hasPrefix("\(name):") {
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
            .map { $0 * 1_024 } ?? 0
    }
    return 0
}

func fail(_ text: String, exitCode: Int32 = 1) -> Never {
    let line = Array("bench-peer-receiver: \(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(exitCode)
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let window = Int(arguments[2]), let warmup = Double(arguments[3]),
    let duration = Double(arguments[4]), window > 0, warmup >= 0, duration > 0
else {
    fail("usage: HOST:PORT WINDOW WARMUP-SECONDS SECONDS", exitCode: 2)
}

let receiver = Receiver(window: window)
var configuration = PeerConfiguration(network: .mainnet)
receiver.install(in: &configuration)
let node = try PeerNode(configuration)
let peer = try await node.connect(to: arguments[1])
peer.queue(.getHeaders(locator: [.zero]))

let clock = ContinuousClock()
let deadline = clock.now + .seconds(60)
while receiver.count.blocks == 0, clock.now < deadline, !receiver.isLost.load(ordering: .relaxed) {
    try await Task.sleep(for: .milliseconds(1))
}
if receiver.count.blocks == 0 { fail("no block came") }
try await Task.sleep(for: .seconds(warmup))

let begin = (clock.now, receiver.count)
try await Task.sleep(for: .seconds(duration))
let end = (clock.now, receiver.count)
if receiver.isLost.load(ordering: .relaxed) { fail("the connection was lost") }
if !receiver.sawOnlyRightBlocks { fail("a block came that was not asked for") }
let seconds = begin.0.duration(to: end.0) / .seconds(1)
print(
    """
    {"event":"done","seconds":\(seconds),"blocks":\(end.1.blocks - begin.1.blocks),\
    "block_bytes":\(end.1.bytes - begin.1.bytes),"peak_resident_bytes":\(statusBytes("VmHWM"))}
    """)
peer.disconnect()
await node.shutdown(within: .seconds(5))
