import PeerWire
import TestSupport
import Testing

/// The payload of every good vector, cut short at every byte.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct GoldenTruncationTests {
    /// The lengths at which the payload is a shorter form that the protocol has: `version` after any field from the
    /// fourth on, `reject` after its reason, `xversion` anywhere; and the whole of a message without the bytes that
    /// follow its last field, or some of them.
    private static func shorterForms(_ message: Message, _ payload: [UInt8]) -> Set<Int> {
        let trailing = trailingCount(message)
        var lengths = Set((payload.count - trailing)..<payload.count)
        switch message {
        case .version(let version):
            let agent = CompactSize.encodedLength(version.userAgent.bytes.count) + version.userAgent.bytes.count
            lengths.formUnion([46, 72, 80, 80 + agent, 84 + agent, 85 + agent])
        case .reject(let reject) where reject.hash != nil: lengths.insert(payload.count - trailing - 32)
        case .xVersion: lengths.formUnion(0..<payload.count)
        default: break
        }
        return lengths.filter { $0 < payload.count }
    }

    private static func trailingCount(_ message: Message) -> Int {
        switch message {
        case .version(let message): message.trailingBytes.count
        case .addresses(let message): message.trailingBytes.count
        case .inventory(let message), .getData(let message), .notFound(let message): message.trailingBytes.count
        case .reject(let message): message.trailingBytes.count
        case .getHeaders(let message), .getBlocks(let message): message.trailingBytes.count
        case .headers(let message): message.trailingBytes.count
        case .transaction(let message): message.trailingBytes.count
        case .block(let message): message.trailingBytes.count
        case .filterLoad(let message): message.trailingBytes.count
        case .filterAdd(let message): message.trailingBytes.count
        case .merkleBlock(let message): message.trailingBytes.count
        case .compactBlock(let message): message.trailingBytes.count
        case .getBlockTransactions(let message): message.trailingBytes.count
        case .blockTransactions(let message): message.trailingBytes.count
        case .committedFilter(let message): message.trailingBytes.count
        case .committedFilterHeaders(let message): message.trailingBytes.count
        case .committedFilterCheckpoints(let message): message.trailingBytes.count
        default: 0
        }
    }

    @Test(.timeLimit(.minutes(3))) func everyCutIsRefusedOrAShorterForm() throws {
        var cuts = 0
        var shorter = 0
        for vector in GoldenVector.golden where vector.kind != "bad" {
            let payload = try #require(vector.payload)
            let forms = Self.shorterForms(try vector.decode(payload), payload)
            let command = try #require(Command(vector.command))
            for length in 0..<payload.count {
                // The payload lies in the input, so that only what is kept is copied.
                let frame = Frame(
                    command: command, kind: MessageKind(command), length: length, checksum: 0, isChecksumVerified: true,
                    payload: .inInput(0..<length))
                let decoded = try? Message.decode(
                    frame, input: payload.span.bytes, protocolVersion: vector.version, limits: GoldenVector.limits)
                if (decoded != nil) != forms.contains(length) {
                    Issue.record("\(vector.name) cut to \(length) of \(payload.count)")
                }
                if let decoded {
                    let isExact = try decoded.payload(protocolVersion: vector.version) == Array(payload[..<length])
                    if !isExact { Issue.record("\(vector.name) cut to \(length) came back as something else") }
                    shorter += 1
                }
                cuts += 1
            }
        }
        #expect(cuts == 771_379)
        #expect(shorter > 100)
    }
}
