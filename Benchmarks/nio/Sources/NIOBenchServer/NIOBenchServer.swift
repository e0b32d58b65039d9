import Glibc
import NIOCore
import NIOPosix

/// A server on one SwiftNIO event loop: `--port N` (0 picks one), says `listening on ADDRESS:PORT`, ends on SIGTERM.
public enum NIOBenchServer {
    /// As many connections as the C server accepts for one event: a storm costs few turns of the loop.
    private static let acceptsPerTurn: UInt = 256

    /// Runs until SIGTERM or SIGINT. `addHandlers` is called on the loop for each connection.
    public static func run(
        _ addHandlers: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void
    ) throws {
        // Blocked before any thread exists, so that every thread inherits it and only `sigwait` takes them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        raiseDescriptorLimit()

        let arguments = CommandLine.arguments
        let port = arguments.firstIndex(of: "--port").flatMap { Int(arguments[$0 + 1]) } ?? 0
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: acceptsPerTurn)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // As in SwiftNIO's own echo server: what cannot be written is not read ahead either.
                    try channel.pipeline.syncOperations.addHandler(BackPressureHandler())
                    try addHandlers(channel.pipeline.syncOperations)
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .wait()
        print("listening on 127.0.0.1:\(server.localAddress?.port ?? 0)")
        fflush(nil)

        var signal: Int32 = 0
        sigwait(&signals, &signal)
        try group.syncShutdownGracefully()
    }

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
