extension EventLoop {
    /// Begins to connect to a host: looks up its name, off the loop, and tries its addresses of both families as
    /// Happy Eyeballs does (RFC 8305), the next one whenever the latest has failed or has had no answer for
    /// ``HostConnectOptions/attemptDelay``. The first to connect wins, and the others are closed.
    ///
    /// Either the handler hears ``ConnectionHandler/opened(_:)``, of the winner, or `failed` is called: one of the two,
    /// once, on this loop, and not before this call returns. Only on a loop that ends already `failed` is called at
    /// once.
    ///
    /// - Parameters:
    ///   - target: the host, by name or number. Numbers are not looked up.
    ///   - resolver: who is asked, such as a ``Resolver``. It has all addresses at once, so that there is no waiting
    ///     for those of one family when the others are known.
    ///   - options: in which order, how fast, from where, through what.
    ///   - limit: how long looking up and connecting may take together.
    ///   - handler: hears of the connection.
    ///   - failed: is told why there is none.
    /// - Returns: what to give it up with; it need not be kept.
    @discardableResult
    public func connect(
        toHost target: HostAndPort, resolver: any HostResolver, options: HostConnectOptions = HostConnectOptions(),
        within limit: Duration, handler: any ConnectionHandler, failed: @escaping (HostConnectError) -> Void
    ) -> Dial {
        dial(
            target, resolver, options, within: limit,
            Dial.Caller(handler: handler, opened: nil, failed: failed))
    }

    func dial(
        _ target: HostAndPort, _ resolver: any HostResolver, _ options: HostConnectOptions, within limit: Duration,
        _ caller: Dial.Caller
    ) -> Dial {
        let dial = Dial(
            target, options, number: dials.reserveNumber(), on: self, deadline: nanoseconds(after: limit),
            caller: caller)
        if dials.isClosed {
            dial.end(.loopStopped)
        } else {
            dials.insert(dial)
            dial.begin(with: resolver)
        }
        return dial
    }

    /// Every dial fails, and none begins any more.
    func endDials() {
        for dial in dials.close() { dial.end(.loopStopped) }
    }
}

extension EventLoop {
    /// Has `body` called at `deadline`, unless the timer is stopped before.
    func startTimer(at deadline: Int64, _ body: @escaping (EventLoop) -> Void) -> ScheduledJob {
        schedule(at: clock.instant(atNanoseconds: deadline), body)
    }

    /// Stops a timer that has not fired.
    func stopTimer(_ job: ScheduledJob) {
        cancel(job)
    }
}
