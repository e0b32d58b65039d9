import PeerLoop
import TestSupport
import Testing

/// The one deadline of a connection, beside the limit of connecting.
@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
    /// How a connection comes to be, each of them told in a later tick.
    enum Origin: CaseIterable {
        case attached, dialled

        func make(_ loop: EventLoop, _ port: UInt16, within limit: Duration, _ recorder: Recorder) throws -> Connection
        {
            let handler = TestHandler(recorder)
            switch self {
            case .attached: return loop.attach(MemoryTransport.pair().0, isInbound: false, handler: handler)
            case .dialled:
                return try loop.connect(
                    to: SocketAddress(ipv4: 127, 0, 0, 1, port: port), within: limit, handler: handler)
            }
        }
    }

    @Test(arguments: Origin.allCases) func setBeforeItIsOpenItComesAfter(_ origin: Origin) async throws {
        let listener = try BlockingListener()
        let recorder = Recorder()
        try await withLoop { loop in
            let port = listener.port
            try await loop.submit { loop in
                let connection = try origin.make(loop, port, within: .seconds(3600), recorder)
                connection.setDeadline(loop.now + .milliseconds(20))
            }
            let seen = await recorder.wait { $0 != .opened }
            #expect(seen == .deadline)
            let count = try await loop.submit { $0.connectionCount }
            #expect(count == 1)
        }
    }

    @Test(arguments: Origin.allCases) func takenBackBeforeItIsOpenItDoesNotCome(_ origin: Origin) async throws {
        let listener = try BlockingListener()
        let (recorder, other) = (Recorder(), Recorder())
        try await withLoop { loop in
            let port = listener.port
            try await loop.submit { loop in
                let connection = try origin.make(loop, port, within: .seconds(3600), recorder)
                connection.setDeadline(loop.now + .milliseconds(1))
                connection.setDeadline(nil)
                try origin.make(loop, port, within: .seconds(3600), other).setDeadline(loop.now + .milliseconds(20))
            }
            let later = await other.wait { $0 == .deadline }
            #expect(later == .deadline)
            try await loop.submit { loop in loop.forEachConnection { $0.close() } }
            let seen = await recorder.wait { $0 != .opened }
            #expect(seen == .closed(.closedLocally))
        }
    }

    /// Nobody answers: the limit of connecting holds, whatever deadline is set or taken back, and an earlier one too.
    @Test(arguments: [Duration?.none, .seconds(3600), .milliseconds(20)])
    func theLimitOfConnectingStays(_ deadline: Duration?) async throws {
        let silent = try Endpoint.silent()
        let recorder = Recorder()
        let port = silent.address.port
        try await withLoop { loop in
            let limit: Duration = deadline == .milliseconds(20) ? .seconds(3600) : .milliseconds(60)
            try await loop.submit { loop in
                let connection = try Origin.dialled.make(loop, port, within: limit, recorder)
                connection.setDeadline(loop.now + .milliseconds(1))
                connection.setDeadline(deadline.map { loop.now + $0 })
            }
            let cause = await recorder.waitForClose()
            #expect(cause == .connectTimedOut)
        }
    }

    /// The longest duration there is.
    private static let eternity = Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999)

    @Test func aLimitBeyondTheClockNeverComes() async throws {
        let recorder = Recorder()
        let listener = try BlockingListener()
        let port = listener.port
        try await withLoop { handle in
            for limit in [Self.eternity, Duration(attoseconds: .max)] {
                try await handle.submit { loop in
                    let connection = try Origin.dialled.make(loop, port, within: limit, recorder)
                    #expect(!connection.isOpen)
                }
                let opened = await recorder.wait { $0 == .opened }
                #expect(opened == .opened)
                try await handle.submit { loop in loop.forEachConnection { $0.finish(within: limit) } }
                try await handle.expectQuiet("a limit that is never reached")
                let later = handle.schedule(after: limit) { _ in Issue.record("after the end of time") }
                #expect(later.cancel())
                try await handle.submit { loop in loop.forEachConnection { $0.close() } }
                let cause = await recorder.waitForClose()
                #expect(cause == .closedLocally)
            }
        }
    }
}
