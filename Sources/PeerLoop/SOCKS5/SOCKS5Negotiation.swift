/// The client's side of a SOCKS5 negotiation (RFC 1928, RFC 1929): bytes in, bytes out, no I/O.
///
/// It takes no byte that is not its own, so that what comes behind the last reply is left to whoever goes on, and
/// holds ``replyByteLimit`` bytes at most.
struct SOCKS5Negotiation {
    /// What is to be done next.
    enum Step: Equatable {
        /// Wait for more bytes.
        case wait
        /// Send these, then wait for more.
        case send([UInt8])
        /// The connection to the target stands.
        case finish
        /// It never will.
        case fail(SOCKS5.Failure)
    }

    private enum State: Equatable {
        case methodAwaited
        case statusAwaited
        case replyAwaited
        case ended(Step)
    }

    /// Bytes of the longest reply: a bound address that is a name of 255 bytes.
    static let replyByteLimit = 4 + 1 + 255 + 2

    private static let version: UInt8 = 5
    private static let authenticationVersion: UInt8 = 1
    private static let connect: UInt8 = 1

    private enum Method {
        static let none: UInt8 = 0
        static let password: UInt8 = 2
        static let refusal: UInt8 = 0xff
    }

    private enum AddressType {
        static let ipv4: UInt8 = 1
        static let name: UInt8 = 3
        static let ipv6: UInt8 = 4
    }

    private let target: SOCKS5.Target
    private let credentials: SOCKS5.Credentials?
    private var state = State.methodAwaited
    /// The answer so far.
    private var answer: [UInt8] = []
    /// Bytes that the answer has, as far as that is known.
    private var answerByteCount = 2

    init(target: SOCKS5.Target, credentials: SOCKS5.Credentials?) {
        self.target = target
        self.credentials = credentials
    }

    /// What is sent first.
    var greeting: [UInt8] { [Self.version, 1, method] }

    /// Bytes to read next at most, 0 once it has ended.
    var wantedByteCount: Int {
        if case .ended = state { return 0 }
        return answerByteCount - answer.count
    }

    /// Bytes that it holds, at most ``replyByteLimit``.
    var heldByteCount: Int { answer.count }

    private var method: UInt8 { credentials == nil ? Method.none : Method.password }

    /// Takes bytes from `offset` on, up to what the current answer is known to lack, and moves `offset` behind them.
    mutating func receive(_ bytes: [UInt8], at offset: inout Int) -> Step {
        if case .ended(let step) = state { return step }
        while offset < bytes.count {
            let end = offset + min(bytes.count - offset, wantedByteCount)
            answer += bytes[offset..<end]
            offset = end
            let step = next()
            if step != .wait { return step }
        }
        return .wait
    }

    /// What follows from the answer so far.
    private mutating func next() -> Step {
        switch state {
        case .methodAwaited: return afterMethod()
        case .statusAwaited: return afterStatus()
        case .replyAwaited: return afterReply()
        case .ended(let step): return step
        }
    }

    private mutating func afterMethod() -> Step {
        if let failure = wrongVersion(Self.version) { return end(.fail(failure)) }
        guard answer.count == answerByteCount else { return .wait }
        switch answer[1] {
        case Method.refusal: return end(.fail(.noAcceptableMethod))
        case method:
            guard let credentials else { return send(request, thenAwait: .replyAwaited) }
            return send(Self.message(credentials), thenAwait: .statusAwaited)
        default: return end(.fail(.unofferedMethod(answer[1])))
        }
    }

    private mutating func afterStatus() -> Step {
        if let failure = wrongVersion(Self.authenticationVersion) { return end(.fail(failure)) }
        guard answer.count == answerByteCount else { return .wait }
        if answer[1] != 0 { return end(.fail(.credentialsRefused(status: answer[1]))) }
        return send(request, thenAwait: .replyAwaited)
    }

    /// A refusal is told by its second byte, whatever comes, or does not come, behind it.
    private mutating func afterReply() -> Step {
        if let failure = wrongVersion(Self.version) { return end(.fail(failure)) }
        if answer.count >= 2, let reply = SOCKS5.Reply(code: answer[1]) { return end(.fail(.refused(reply))) }
        if answer.count == Self.replyHeadByteCount {
            switch answer[3] {
            case AddressType.ipv4: answerByteCount = 4 + 4 + 2
            case AddressType.ipv6: answerByteCount = 4 + 16 + 2
            case AddressType.name: answerByteCount = 4 + 1 + Int(answer[4]) + 2
            default: return end(.fail(.unknownAddressType(answer[3])))
            }
        }
        return answer.count == answerByteCount ? end(.finish) : .wait
    }

    /// As far as the length of a bound address is told: its type, and the byte behind it.
    private static let replyHeadByteCount = 5

    private func wrongVersion(_ version: UInt8) -> SOCKS5.Failure? {
        answer[0] == version ? nil : .wrongVersion(answer[0])
    }

    private mutating func send(_ message: [UInt8], thenAwait next: State) -> Step {
        state = next
        answer = []
        answerByteCount = next == .replyAwaited ? Self.replyHeadByteCount : 2
        return .send(message)
    }

    private mutating func end(_ step: Step) -> Step {
        state = .ended(step)
        answer = []
        return step
    }

    private static func message(_ credentials: SOCKS5.Credentials) -> [UInt8] {
        [authenticationVersion] + text(credentials.user) + text(credentials.password)
    }

    private var request: [UInt8] {
        let address: [UInt8] =
            switch target.host {
            case .name(let name): [AddressType.name] + Self.text(name)
            case .address(let address):
                switch address.family {
                case .ipv4: [AddressType.ipv4] + address.mappedBytes.suffix(4)
                case .ipv6: [AddressType.ipv6] + address.mappedBytes
                }
            }
        let port = [UInt8(target.port >> 8), UInt8(target.port & 0xff)]
        return [Self.version, Self.connect, 0] + address + port
    }

    /// Its length, of 1 to 255 as was checked when it was given, and its bytes.
    private static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }
}
