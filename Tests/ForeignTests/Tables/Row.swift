import PeerKit
import Testing

/// One row of a table of rules: what a peer does, and what this node makes of it.
struct Row: Sendable, CustomTestStringConvertible {
    /// How far the handshake has come when the peer does it.
    enum Stage: Sendable {
        /// Nothing was said but the version of a dialling node.
        case connected
        /// Both versions were said, and this node's `verack`.
        case versionsSaid
        case shaken
    }

    /// What becomes of the connection.
    enum Outcome: Sendable {
        /// It goes on: a ping is answered, after the handshake is completed where it was not.
        case goesOn
        /// It ends for this reason, after exactly this `reject` where there is one.
        case ends(DisconnectReason, reject: JSON? = nil)
    }

    let testDescription: String
    var stage = Stage.shaken
    var sides = Side.allCases
    /// What the peer says of itself, where a row is about that.
    var version: JSON = [:]
    var says: [JSON]
    /// The peer ends its side of the stream after that.
    var shutsDown = false
    /// What this node answers before the outcome.
    var hears: [JSON] = []
    let outcome: Outcome
    /// The messages after the handshake that the listeners hear, where a row is about that.
    var delivers: [String]?
    var configure: @Sendable (inout PeerConfiguration) -> Void = { _ in }

    init(
        _ text: String, _ stage: Stage = .shaken, sides: [Side] = Side.allCases, version: JSON = [:], says: [JSON],
        shutsDown: Bool = false, hears: [JSON] = [], _ outcome: Outcome, delivers: [String]? = nil,
        configure: @escaping @Sendable (inout PeerConfiguration) -> Void = { _ in }
    ) {
        testDescription = text
        self.stage = stage
        self.sides = sides
        self.version = version
        self.says = says
        self.shutsDown = shutsDown
        self.hears = hears
        self.outcome = outcome
        self.delivers = delivers
        self.configure = configure
    }

    /// A `reject` as the other program writes it.
    static func reject(_ command: String, _ code: Int, _ reason: String) -> JSON {
        ["command": "reject", "fields": ["command": .text(command), "code": .number(code), "reason": .text(reason)]]
    }

    static func malformed(_ command: String, _ reason: String) -> JSON { reject(command, 0x01, reason) }
    static func duplicate(_ command: String) -> JSON { reject(command, 0x12, "duplicate \(command) message") }
}

/// A row and the part this node plays in it.
struct Case: Sendable, CustomTestStringConvertible {
    let row: Row
    let side: Side

    var testDescription: String { "\(row.testDescription) (\(side.rawValue))" }

    static func all(_ rows: [Row]) -> [Case] {
        rows.flatMap { row in row.sides.map { Case(row: row, side: $0) } }
    }

    /// Plays the row on real sockets against the independent peer.
    func play() async throws {
        try await ForeignPeer.with { foreign in
            try await ForeignRig.with(row.configure) { rig in
                switch side {
                case .accepting:
                    try await foreign.dial(rig.port)
                    try await play(rig, foreign)
                case .dialling:
                    try await playDialling(rig, foreign)
                }
            }
        }
    }

    private func playDialling(_ rig: ForeignRig, _ foreign: ForeignPeer) async throws {
        let port = try await foreign.listen()
        let dialling = Task { try await rig.node.connect(to: ForeignRig.loopback(port)) }
        try await foreign.accept()
        try await foreign.hear("version")
        try await play(rig, foreign)
        let result = await dialling.result
        if row.stage != .shaken, case .ends(let reason, _) = row.outcome {
            #expect(throws: NodeError.connectFailed(ForeignRig.loopback(port), reason)) { try result.get() }
        } else {
            _ = try result.get()
        }
    }

    private func play(_ rig: ForeignRig, _ foreign: ForeignPeer) async throws {
        let version: JSON = ["command": "version", "fields": row.version]
        switch row.stage {
        case .connected: break
        case .versionsSaid:
            try await foreign.say([version])
            _ = try await foreign.hear(until: "verack")
        case .shaken:
            try await foreign.say([version, ["command": "verack"]])
            _ = try await foreign.hear(until: "verack")
        }
        // Saying nothing to somebody who is gone would fail.
        if !row.says.isEmpty { try await foreign.say(row.says) }
        if row.shutsDown { try await foreign.order("shut") }
        try await foreign.expect(row.hears)
        switch row.outcome {
        case .ends(let reason, let reject):
            if let reject { try await foreign.expect([reject]) }
            let (frames, end) = try await foreign.drain()
            #expect(frames.map(\.command) == [])
            // Where no goodbye is due, what was not read may make it a reset.
            #expect(end == "end" || reject == nil && end == "reset")
            try await foreign.close()
            #expect(try await rig.told.end() == reason)
        case .goesOn:
            try await goOn(foreign)
            try await foreign.close()
            if let delivers = row.delivers {
                _ = try await rig.told.handshake()
                #expect(try await rig.told.untilEnd() == delivers)
            } else {
                #expect(try await rig.told.end() == .remoteClosed)
            }
        }
    }

    /// The handshake is completed where it was not, and then a ping is answered.
    private func goOn(_ foreign: ForeignPeer) async throws {
        switch row.stage {
        case .connected:
            _ = try await foreign.hear(until: "verack")
            try await foreign.say("verack")
        case .versionsSaid: try await foreign.say("verack")
        case .shaken: break
        }
        try await foreign.say("ping", ["nonce": "0x1122334455667788"])
        try await foreign.expect([["command": "pong", "fields": ["nonce": "0x1122334455667788"]]])
    }
}
