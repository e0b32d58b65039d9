import Foundation
import Synchronization
import TestSupport
import Testing

@testable import PeerLoop

/// Sends back what it gets.
final class EchoHandler: ConnectionHandler {
    func received(_ bytes: RawSpan, on connection: Connection) { connection.write(bytes) }
    func closed(_ connection: Connection, cause: CloseCause) {}
}

extension LoopGroup {
    static func start(_ count: Int, named name: String = "group") throws -> LoopGroup {
        var configuration = Configuration()
        configuration.loopCount = count
        configuration.loop.threadName = name
        return try start(configuration)
    }

    func index(of loop: EventLoopHandle) -> Int? { loops.firstIndex { $0.core === loop.core } }
}

private let anyPort = SocketAddress(ipv4: 127, 0, 0, 1, port: 0)

@Suite(.timeLimit(.minutes(2))) struct LoopGroupTests {
    /// Threads of this process with such a name.
    private func threads(_ prefix: String) -> [String] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
            .map { $0.trimmingCharacters(in: .newlines) }.filter { $0.hasPrefix(prefix) }.sorted()
    }

    /// Two servers that were meant to have a port each do not share one in silence, but where both say that they do.
    @Test func aPortThatIsTakenIsRefused() async throws {
        let groups = try [LoopGroup.start(2), LoopGroup.start(2)]
        let listener = try await groups[0].listen(on: anyPort) { _ in TestAcceptor { EchoHandler() } }
        let isTaken = SubmitError.failed(SystemError(.bind, code: EADDRINUSE))
        await #expect(throws: isTaken) {
            try await groups[1].listen(on: listener.address) { _ in TestAcceptor { EchoHandler() } }
        }
        await listener.close()
        var options = ListenOptions()
        options.sharesPort = true
        let first = try await groups[0].listen(on: listener.address, options: options) { _ in
            TestAcceptor { EchoHandler() }
        }
        let second = try await groups[1].listen(on: listener.address, options: options) { _ in
            TestAcceptor { EchoHandler() }
        }
        #expect(first.address == second.address)
        for group in groups { await group.shutdown(within: .zero) }
    }

    /// An IPv4 address in IPv6's clothes is one to every loop: otherwise those of one kind get all connections.
    @Test(.enabled(if: canUse("::1"))) func mappedAddressesAreListenedOnByAllLoopsAlike() async throws {
        let mapped = try #require(SocketAddress(numericHost: "::ffff:127.0.0.1", port: 0))
        let group = try LoopGroup.start(3)
        let listener = try await group.listen(on: mapped) { _ in TestAcceptor { EchoHandler() } }
        var families: [sa_family_t] = []
        for loop in group.loops {
            families += try await loop.submit { loop in
                loop.slots.compactMap { slot in
                    guard case .listener(let listener) = slot.registration else { return nil }
                    var address = sockaddr_storage()
                    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
                    withUnsafeMutablePointer(to: &address) { pointer in
                        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            _ = getsockname(listener.descriptor.number, $0, &size)
                        }
                    }
                    return address.ss_family
                }
            }
        }
        #expect(families == Array(repeating: sa_family_t(AF_INET6), count: 3))
        #expect(listener.address.port != 0)
        await group.shutdown(within: .zero)
    }

    @Test func acceptedConnectionsSpreadOverAllLoops() async throws {
        let group = try LoopGroup.start(4)
        let opened = AsyncStream.makeStream(of: Int.self)
        let listener = try await group.listen(on: anyPort) { loop in
            let index = group.index(of: loop.handle) ?? -1
            return TestAcceptor {
                TestHandler(Recorder(), onOpen: { _ in opened.continuation.yield(index) })
            }
        }
        let port = listener.address.port
        var counts = [0, 0, 0, 0]
        var indices = opened.stream.makeAsyncIterator()
        let sockets = try await runBlocking {
            try (0..<400).map { _ in try BlockingSocket(port: port).takeDescriptor() }
        }
        for _ in 0..<400 {
            let index = try #require(await indices.next())
            counts[index] += 1
        }
        #expect(counts.allSatisfy { $0 > 0 }, "\(counts)")
        #expect(group.connectionCount == 400)
        // Adopted only to be closed.
        for socket in sockets { _ = try AdoptedSocket(descriptor: socket) }
        await group.shutdown(within: .seconds(10))
        #expect(group.connectionCount == 0)
        // The end of a loop comes after its last tick's counts.
        #expect(group.metrics().acceptedCount == 400)
        #expect(group.loops.reduce(0) { $0 + $1.metrics().acceptedCount } == 400)
    }

    @Test func theLoopsShareOnePortAndNobodyElseDoes() async throws {
        let group = try LoopGroup.start(3)
        let made = Lock<[Int]>([])
        let listener = try await group.listen(on: anyPort) { loop in
            made.withLock { $0.append(group.index(of: loop.handle) ?? -1) }
            return TestAcceptor { EchoHandler() }
        }
        #expect(made.withLock { $0 } == [0, 1, 2])
        let address = listener.address
        #expect(address.port != 0)
        let other = try EventLoopHandle.start()
        let isTaken = SubmitError.failed(SystemError(.bind, code: EADDRINUSE))
        await #expect(throws: isTaken) {
            try await other.submit(throwing: SystemError.self) { loop throws(SystemError) in
                _ = try loop.listen(on: address, handler: TestAcceptor { nil })
            }
        }
        await listener.close()
        await listener.close()
        // Every one of them is gone, or this could not have the port for itself.
        _ = try await other.submit { loop in try loop.listen(on: address, handler: TestAcceptor { nil }).id }
        await #expect(throws: isTaken) {
            _ = try await group.listen(on: address) { _ in TestAcceptor { nil } }
        }
        await other.shutdown(within: .zero)
        await group.shutdown(within: .zero)
    }

    @Test func aLoopThatCannotListenLeavesNoListenerBehind() async throws {
        let group = try LoopGroup.start(4)
        let address = try await {
            let listener = try await group.listen(on: anyPort) { _ in TestAcceptor { nil } }
            await listener.close()
            return listener.address
        }()
        await group.loops[2].shutdown(within: .zero)
        await #expect(throws: SubmitError<SystemError>.loopStopped) {
            _ = try await group.listen(on: address) { _ in TestAcceptor { nil } }
        }
        _ = try await group.loops[0].submit { loop in try loop.listen(on: address, handler: TestAcceptor { nil }).id }
        await group.shutdown(within: .zero)
    }

    /// Clients that never stop talking are served until the end, and then see it.
    @Test func underLoadItStopsInOrder() async throws {
        let group = try LoopGroup.start(3, named: "loaded")
        #expect(threads("loaded") == ["loaded-0", "loaded-1", "loaded-2"])
        let listener = try await group.listen(on: anyPort) { _ in TestAcceptor { EchoHandler() } }
        let port = listener.address.port
        let echoed = Atomic<Int>(0)
        let isBusy = Latch()
        let message = [UInt8](repeating: 7, count: 3_000)
        let pool = try WorkerPool(workers: 12, name: "clients")
        let wrong = Atomic<Int>(0)
        let left = Atomic<Int>(12)
        let ended = Latch()
        for _ in 0..<12 {
            let lane = Lane<Void> { _ in
                if let client = try? BlockingSocket(port: port) {
                    while (try? client.send(message)) != nil {
                        guard let reply = try? client.receive(exactly: message.count), !reply.isEmpty else { break }
                        // What comes back is cut short only by the end.
                        if !message.starts(with: reply) { wrong.wrappingAdd(1, ordering: .relaxed) }
                        if echoed.wrappingAdd(1, ordering: .relaxed).newValue == 1_000 { isBusy.open() }
                    }
                }
                if left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { ended.open() }
            }
            if lane.append(()) { pool.schedule(lane) }
        }
        await isBusy.whenOpen()
        await group.shutdown(within: .seconds(20))
        await ended.whenOpen()
        pool.stop()
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(group.connectionCount == 0)
        // The last act of a thread comes behind the end it reports.
        while !threads("loaded").isEmpty { await Task.yield() }
        await #expect(throws: SubmitError<SystemError>.loopStopped) {
            _ = try await group.listen(on: anyPort) { _ in TestAcceptor { nil } }
        }
    }

    @Test func stoppingAgainWaitsForTheSameEnd() async throws {
        let group = try LoopGroup.start(2)
        async let first: Void = group.shutdown(within: .zero)
        async let second: Void = group.shutdown(within: .seconds(30))
        _ = await (first, second)
        #expect(group.loops.allSatisfy { !$0.run { _ in } })
        try await runBlocking { group.shutdownAndWait(within: .seconds(30)) }
    }

    @Test func turnsAreTakenEvenly() async throws {
        let group = try LoopGroup.start(3)
        var counts = [0, 0, 0]
        for _ in 0..<300 { counts[group.index(of: group.next()) ?? 0] += 1 }
        #expect(counts == [100, 100, 100])
        // With nothing on any loop, the least is everywhere.
        for _ in 0..<300 { counts[group.index(of: group.next(.leastConnections)) ?? 0] += 1 }
        #expect(counts == [200, 200, 200])
        await group.shutdown(within: .zero)
    }

    @Test func theLeastBusyLoopIsNext() async throws {
        let group = try LoopGroup.start(3)
        let listener = try BlockingListener(backlog: 64)
        let recorder = Recorder()
        for (loop, connections) in zip(group.loops, [2, 0, 1]) {
            for _ in 0..<connections {
                try await loop.submit { loop in
                    _ = try loop.connect(
                        to: SocketAddress(ipv4: 127, 0, 0, 1, port: listener.port), within: .seconds(30),
                        handler: TestHandler(recorder))
                }
                #expect(await recorder.wait { $0 == .opened } != nil)
            }
        }
        for _ in 0..<10 { #expect(group.index(of: group.next(.leastConnections)) == 1) }
        // Jobs that wait count as well: the loop is held until they are in.
        let gate = Latch()
        group.loops[1].run { _ in gate.waitUntilOpen() }
        try await waitUntilEmpty(group.loops[1])
        for _ in 0..<2 { group.loops[1].run { _ in } }
        for _ in 0..<10 { #expect(group.index(of: group.next(.leastConnections)) == 2) }
        gate.open()
        await group.shutdown(within: .zero)
    }

    /// Until the loop has taken what it was given.
    private func waitUntilEmpty(_ loop: EventLoopHandle) async throws {
        while loop.core.jobs.waitingCount > 0 {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test func thereIsALoopForEachProcessor() async throws {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") })
        let mask = line.drop { $0 != "\t" }.compactMap(\.hexDigitValue)
        let count = mask.reduce(0) { $0 + $1.nonzeroBitCount }
        #expect(ProcessLimits.availableProcessorCount == count)
        let group = try LoopGroup.start()
        #expect(group.loops.count == count)
        await group.shutdown(within: .zero)
    }

    @Test func longNamesKeepTheirNumbers() async throws {
        let group = try LoopGroup.start(11, named: "abcdefghijklmnopq")
        #expect(threads("abcdefg").contains("abcdefghijklm-9"))
        #expect(threads("abcdefg").contains("abcdefghijkl-10"))
        await group.shutdown(within: .zero)
    }
}
