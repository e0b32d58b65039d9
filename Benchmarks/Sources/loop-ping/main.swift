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
        var offset = 0
        do throws(FrameError) {
            while let frame = try decoder.nextFrame(in: bytes, at: &offset, limits: limits, phase: .established) {
                guard frame.kind == .ping, frame.length == 8 else {
                    connection.close()
                    return
                }
                let nonce = frame.withPayload(in: bytes) { $0.unsafeLoadUnaligned(as: UInt64.self) }
                let pong = PingFrame.pong(nonce: nonce, checksum: frame.checksum, magic: Network.mainnet.magic)
                connection.write(pong.span.bytes)
            }
        } catch {
            connection.close()
        }
    }
}

let limits = WireLimits(network: .mainnet)
try BenchServer.run { PingResponder(limits: limits) }
