// An echo server on SwiftNIO: what the C echo server does, for comparison.
import NIOBenchServer
import NIOCore

final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Echoes too, but drops everything of a connection whose first byte is 0.
final class EchoOrDiscard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var discards: Bool?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if discards == nil { discards = unwrapInboundIn(data).readableBytesView.first == 0 }
        if discards == false { context.write(data, promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if discards == false { context.flush() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

let discards = CommandLine.arguments.contains("--discard")
try NIOBenchServer.run { pipeline in
    try discards ? pipeline.addHandler(EchoOrDiscard()) : pipeline.addHandler(Echo())
}
