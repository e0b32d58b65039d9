import Testing

/// The tables of the protocol's description, row by row, on real sockets and against a peer that shares no code with
/// this one: what the peer hears is compared byte for byte with how that one writes it.
@Suite("The protocol's tables, against an independent peer", .timeLimit(.minutes(2)))
struct TableTests {
    @Test(
        "the handshake", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
        arguments: Case.all(HandshakeRows.all))
    func handshake(_ row: Case) async throws {
        try await row.play()
    }

    @Test(
        "bad frames", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
        arguments: Case.all(FrameRows.all))
    func frames(_ row: Case) async throws {
        try await row.play()
    }

    @Test(
        "bloom messages", .enabled(if: Python.isAvailable, Comment(rawValue: Python.unavailable)),
        arguments: Case.all(BloomRows.all))
    func bloom(_ row: Case) async throws {
        try await row.play()
    }
}
