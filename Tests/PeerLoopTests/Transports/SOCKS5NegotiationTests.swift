import Testing

@testable import PeerLoop

/// What a negotiation sends, answer by answer, and what it takes.
@Suite(.timeLimit(.minutes(2))) struct SOCKS5NegotiationTests {
    private static func target(_ host: String, _ port: UInt16 = 0x1234) throws -> SOCKS5.Target {
        try SOCKS5.Target(host: host, port: port)
    }

    /// Everything that happens to a negotiation that is fed `bytes` in `parts`.
    private struct Run: Equatable {
        var sent: [[UInt8]] = []
        var end: SOCKS5Negotiation.Step?
        /// Bytes that were not taken.
        var rest: [UInt8] = []
        var heldByteCount = 0

        init(_ negotiation: SOCKS5Negotiation, _ parts: [[UInt8]]) {
            var negotiation = negotiation
            sent = [negotiation.greeting]
            for part in parts {
                var offset = 0
                while offset < part.count {
                    let before = offset
                    let step = negotiation.receive(part, at: &offset)
                    #expect(negotiation.heldByteCount <= SOCKS5Negotiation.replyByteLimit)
                    heldByteCount = max(heldByteCount, negotiation.heldByteCount)
                    switch step {
                    case .wait: #expect(offset == part.count)
                    case .send(let message): sent.append(message)
                    case .finish, .fail:
                        #expect(end == nil || end == step && offset == before, "the end is the end")
                        end = step
                        rest += part[offset...]
                        offset = part.count
                        #expect(negotiation.wantedByteCount == 0)
                    }
                }
            }
            if end == nil { #expect((1...SOCKS5Negotiation.replyByteLimit).contains(negotiation.wantedByteCount)) }
        }
    }

    private static let ipv4Reply: [UInt8] = [5, 0, 0, 1, 9, 9, 9, 9, 1, 2]
    private static let ipv6Reply: [UInt8] = [5, 0, 0, 4] + [UInt8](repeating: 9, count: 16) + [1, 2]
    private static func nameReply(_ count: Int) -> [UInt8] {
        [5, 0, 0, 3, UInt8(count)] + [UInt8](repeating: 9, count: count) + [1, 2]
    }

    private static let replies = [ipv4Reply, ipv6Reply, nameReply(0), nameReply(1), nameReply(255)]

    private static let requests: [(String, [UInt8])] = [
        ("192.0.2.7", [5, 1, 0, 1, 192, 0, 2, 7, 0x12, 0x34]),
        ("2001:db8::1", [5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x12, 0x34]),
        ("a.onion", [5, 1, 0, 3, 7] + Array("a.onion".utf8) + [0x12, 0x34]),
        (String(repeating: "n", count: 255), [5, 1, 0, 3, 255] + [UInt8](repeating: 0x6e, count: 255) + [0x12, 0x34]),
    ]

    private static func credentials() throws -> SOCKS5.Credentials {
        try SOCKS5.Credentials(user: "me", password: "pass")
    }

    /// Cut in two at every place, and into single bytes.
    private func splits(_ bytes: [UInt8]) -> [[[UInt8]]] {
        (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }]
    }

    @Test func everySplitLeadsToTheTarget() throws {
        let behind: [UInt8] = [5, 0, 0, 1]
        for (host, request) in Self.requests {
            for reply in Self.replies {
                let plain = SOCKS5Negotiation(target: try Self.target(host), credentials: nil)
                for parts in splits([5, 0] + reply + behind) {
                    let run = Run(plain, parts)
                    #expect(run.sent == [[5, 1, 0], request])
                    #expect(run.end == .finish)
                    #expect(run.rest == behind)
                }
                let known = SOCKS5Negotiation(target: try Self.target(host), credentials: try Self.credentials())
                for parts in splits([5, 2, 1, 0] + reply + behind) {
                    let run = Run(known, parts)
                    let message: [UInt8] = [1, 2] + Array("me".utf8) + [4] + Array("pass".utf8)
                    #expect(run.sent == [[5, 1, 2], message, request])
                    #expect(run.end == .finish)
                    #expect(run.rest == behind)
                }
            }
        }
    }

    @Test func whatIsCutOffWaitsAndHoldsNoMoreThanAnAnswer() throws {
        let negotiation = SOCKS5Negotiation(target: try Self.target("a"), credentials: nil)
        let whole = [5, 0] + Self.nameReply(255)
        for count in 0..<whole.count {
            let run = Run(negotiation, [Array(whole[..<count])])
            #expect(run.end == nil)
        }
        #expect(Run(negotiation, [Array(whole.dropLast())]).heldByteCount == SOCKS5Negotiation.replyByteLimit - 1)
    }

    @Test func everyReplyCodeIsAnError() throws {
        let negotiation = SOCKS5Negotiation(target: try Self.target("a"), credentials: nil)
        var seen: Set<SOCKS5.Reply> = []
        var texts: Set<String> = []
        for code in UInt8(1)...255 {
            // The code is enough, whatever does not come any more.
            guard case .fail(.refused(let reply))? = Run(negotiation, [[5, 0, 5, code]]).end else {
                Issue.record("\(code)")
                continue
            }
            seen.insert(reply)
            texts.insert(SOCKS5.Failure.refused(reply).description)
            #expect(SOCKS5.Failure.refused(reply).nearestSystemError.operation == .connect)
            if case .other(let other) = reply {
                #expect(other == code)
                #expect((9..<0xf0).contains(code) || code > 0xf7)
            }
        }
        #expect(seen.count == 255)
        #expect(texts.count == 255)
    }

    @Test(
        arguments: [
            (1, .generalFailure), (2, .notAllowed), (3, .networkUnreachable), (4, .hostUnreachable),
            (5, .connectionRefused), (6, .timeToLiveExpired), (7, .commandNotSupported), (8, .addressTypeNotSupported),
            (9, .other(9)), (0xef, .other(0xef)), (0xf0, .onionDescriptorNotFound), (0xf1, .onionDescriptorInvalid),
            (0xf2, .onionIntroductionFailed), (0xf3, .onionRendezvousFailed), (0xf4, .onionAuthorizationMissing),
            (0xf5, .onionAuthorizationWrong), (0xf6, .onionAddressInvalid), (0xf7, .onionIntroductionTimedOut),
            (0xf8, .other(0xf8)), (0xff, .other(0xff)),
        ] as [(UInt8, SOCKS5.Reply)])
    func aReplyCodeHasItsMeaning(_ code: UInt8, _ reply: SOCKS5.Reply) {
        #expect(SOCKS5.Reply(code: code) == reply)
    }

    @Test func whatIsNotSOCKS5IsToldByItsFirstByte() throws {
        let plain = SOCKS5Negotiation(target: try Self.target("a"), credentials: nil)
        let known = SOCKS5Negotiation(target: try Self.target("a"), credentials: try Self.credentials())
        for byte in UInt8.min...UInt8.max where byte != 5 {
            #expect(Run(plain, [[byte]]).end == .fail(.wrongVersion(byte)))
            #expect(Run(plain, [[5, 0, byte]]).end == .fail(.wrongVersion(byte)))
            if byte != 1 { #expect(Run(known, [[5, 2, byte]]).end == .fail(.wrongVersion(byte))) }
        }
    }

    @Test func onlyWhatWasOfferedIsTaken() throws {
        let plain = SOCKS5Negotiation(target: try Self.target("a"), credentials: nil)
        let known = SOCKS5Negotiation(target: try Self.target("a"), credentials: try Self.credentials())
        for method in UInt8.min...UInt8.max {
            let expected: SOCKS5Negotiation.Step =
                method == 0xff ? .fail(.noAcceptableMethod) : .fail(.unofferedMethod(method))
            if method != 0 { #expect(Run(plain, [[5, method]]).end == expected) }
            // Credentials that are given are used, or there is no connection.
            if method != 2 { #expect(Run(known, [[5, method]]).end == expected) }
        }
    }

    @Test func everyStatusButZeroRefusesTheCredentials() throws {
        let known = SOCKS5Negotiation(target: try Self.target("a"), credentials: try Self.credentials())
        for status in UInt8(1)...255 {
            #expect(Run(known, [[5, 2, 1, status]]).end == .fail(.credentialsRefused(status: status)))
        }
    }

    @Test func anAddressOfAnUnknownTypeIsRefused() throws {
        let plain = SOCKS5Negotiation(target: try Self.target("a"), credentials: nil)
        for type in UInt8.min...UInt8.max where ![1, 3, 4].contains(type) {
            #expect(Run(plain, [[5, 0, 5, 0, 0, type, 0]]).end == .fail(.unknownAddressType(type)))
        }
    }

    /// Bytes without sense, and sensible ones with a few changed, in parts of any size.
    @Test func nothingTraps() throws {
        for seed in 0..<5_000 { try feedNonsense(seed) }
    }

    private func feedNonsense(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let isKnown = Bool.random(using: &random)
        let negotiation = SOCKS5Negotiation(
            target: try Self.target("a"), credentials: isKnown ? try Self.credentials() : nil)
        var bytes: [UInt8]
        if seed % 4 == 0 {
            bytes = (0..<Int.random(in: 0...600, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        } else {
            bytes = (isKnown ? [5, 2, 1, 0] : [5, 0]) + Self.replies[seed % Self.replies.count]
            for _ in 0..<(seed % 3) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = .random(in: 0...255, using: &random)
            }
            bytes += [1, 2, 3]
        }
        let whole = Run(negotiation, [bytes])
        var parts: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(.random(in: 1...30, using: &random))
            parts.append(Array(part))
            rest = rest.dropFirst(part.count)
        }
        let split = Run(negotiation, parts)
        #expect(split.sent == whole.sent, "seed \(seed)")
        #expect(split.end == whole.end, "seed \(seed)")
        if whole.end == .finish { #expect(split.rest == whole.rest, "seed \(seed)") }
    }

    // MARK: - What is given

    @Test func textsHave1To255Bytes() throws {
        let longest = String(repeating: "é", count: 127) + "e"
        #expect(try SOCKS5.Credentials(user: longest, password: longest).user == longest)
        for text in ["", longest + "e"] {
            let count = text.utf8.count
            #expect(throws: SOCKS5.InputError.user(byteCount: count)) {
                try SOCKS5.Credentials(user: text, password: "p")
            }
            #expect(throws: SOCKS5.InputError.password(byteCount: count)) {
                try SOCKS5.Credentials(user: "u", password: text)
            }
            #expect(throws: SOCKS5.InputError.host(byteCount: count)) { try SOCKS5.Target(host: text, port: 1) }
        }
        #expect(throws: SOCKS5.InputError.hostContainsZero) { try SOCKS5.Target(host: "a\0b", port: 1) }
    }

    @Test func credentialsAreNotShown() throws {
        let credentials = try SOCKS5.Credentials(user: "somebody", password: "secret")
        let proxy = SOCKS5.Proxy(SocketAddress(ipv4: 127, 0, 0, 1, port: 9050), credentials: credentials)
        var dumped = ""
        dump(proxy, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), "\(proxy)", dumped] {
            #expect(!text.contains("secret") && !text.contains("somebody"))
        }
    }

    @Test func aTargetIsANumberWhereItCanBe() throws {
        #expect(try SOCKS5.Target(HostAndPort("192.0.2.1:7")).address == SocketAddress(ipv4: 192, 0, 2, 1, port: 7))
        #expect(try SOCKS5.Target(HostAndPort("[::1]:7")).description == "[::1]:7")
        let name = try SOCKS5.Target(HostAndPort("example.onion:7"))
        #expect(name.address == nil)
        #expect(name.description == "example.onion:7")
    }
}
