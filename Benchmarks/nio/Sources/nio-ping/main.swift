// A framed ping server on SwiftNIO: what the C ping server does, for comparison.
import CSHA256
import NIOBenchServer
import NIOCore

struct Ping {
    let nonce: UInt64
    let checksum: UInt32
}

struct NotAPing: Error {}

/// Cuts framed pings out of the stream: 24-byte header, checksum verified.
struct PingDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = Ping

    static let magic: UInt32 = 0xe3e1_f3e8
    /// "ping" and "pong", each padded to twelve bytes, as a frame's first eight and its last four.
    static let pingCommand: UInt64 = 0x7069_6e67_0000_0000
    static let pongCommand: UInt64 = 0x706f_6e67_0000_0000
    static let frameLength = 32

    mutating func decode(buffer: inout ByteBuffer) throws -> Ping? {
        guard buffer.readableBytes >= Self.frameLength,
            let (magic, command, padding) = buffer.readMultipleIntegers(as: (UInt32, UInt64, UInt32).self),
            let (length, checksum) = buffer.readMultipleIntegers(
                endianness: .little, as: (UInt32, UInt32).self)
        else { return nil }
        guard magic == Self.magic, command == Self.pingCommand, padding == 0, length == 8 else { throw NotAPing() }
        let computed = buffer.withUnsafeReadableBytes { csha256_checksum($0.baseAddress, 8) }
        guard computed == checksum, let nonce: UInt64 = buffer.readInteger() else { throw NotAPing() }
        return Ping(nonce: nonce, checksum: checksum)
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> Ping? {
        try decode(buffer: &buffer)
    }
}

/// Answers each ping with a pong; the answers to what one read brought are written together.
final class Responder: ChannelInboundHandler {
    typealias InboundIn = Ping
    typealias OutboundOut = ByteBuffer

    private var pongs = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let ping = unwrapInboundIn(data)
        pongs.writeMultipleIntegers(PingDecoder.magic, PingDecoder.pongCommand, UInt32(0))
        // The same payload has the same checksum.
        pongs.writeMultipleIntegers(UInt32(8), ping.checksum, endianness: .little)
        pongs.writeInteger(ping.nonce)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard pongs.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(pongs), promise: nil)
        // In place while the socket took it all, and a new buffer otherwise.
        pongs.clear()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

try NIOBenchServer.run { pipeline in
    try pipeline.addHandler(ByteToMessageHandler(PingDecoder()))
    try pipeline.addHandler(Responder())
}
