internal import Glibc

extension ConnectionRace {
    /// Said of an attempt that was still without an answer at the end.
    static let noAnswer = SystemError(.connect, code: ETIMEDOUT)
    /// Said of an attempt that somebody else on this loop closed.
    static let closedHere = SystemError(.connect, code: ECANCELED)
}
