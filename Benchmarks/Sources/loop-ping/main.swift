// A framed ping server on PeerLoop and PeerWire: what the C ping server does, for comparison.
import BenchServer
import PeerLoop
import PeerWire

final class PingResponder: BoundedHandler {
    private var decoder = FrameDecoder(magic: Network.mainnet.magic)
    private let limits: WireLimits

    init(limits: WireLimits) {
        self.limits = limits
    }

    func received(_ bytes: RawSpan, on connection: Connection) {
        // No answer is longer than its question; one question may have begun before.
        connection.write(capacity: bytes.byteCount + PingFrame.byteCount) { output in
            if !answer(bytes, &decoder, &output) { connection.close() }
        }
    }

    /// False when something is no ping.
    private func answer(_ bytes: RawSpan, _ decoder: inout FrameDecoder, _ output: inout OutputRawSpan) -> Bool {
        var offset = 0
        do throws(FrameError) {
            while let frame = try decoder.nextFrame(in: bytes, at: &offset, limits: limits, phase: .established) {
                guard frame.kind == .ping, frame.length == 8 else { return false }
                let nonce = frame.withPayload(in: bytes) { $0.unsafeLoadUnaligned(as: UInt64.self) }
                PingFrame.appendPong(
                    nonce: nonce, checksum: frame.checksum, magic: Network.mainnet.magic, to: &output)
            }
            return true
        } catch {
            return false
        }
    }
}

let limits = WireLimits(network: .mainnet)
try BenchServer.run { PingResponder(limits: limits) }
