import PeerWire
import Testing

/// Every payload cut short anywhere is refused, or is a shorter form the protocol has; nothing crashes.
@Suite struct TruncationTests {
    @Test(arguments: Examples.all) func aCutPayloadIsRefusedOrExact(_ frame: [UInt8]) throws {
        let payload = Array(frame.dropFirst(24))
        let name = String(decoding: frame[4..<16].prefix { $0 != 0 }, as: UTF8.self)
        let command = try #require(Command(name))
        if MessageKind(command) == nil { return }
        for length in 0..<payload.count {
            let cut = Array(payload.prefix(length))
            let decoded = try? Message.decode(command: command, payload: cut)
            #expect((decoded != nil) == Self.shorterForm(command, length, payload), "\(name) cut to \(length)")
            if let decoded { #expect(try decoded.payload() == cut) }
        }
    }

    /// Shorter forms: `version` ends after any field from the fourth on, `reject` before its hash.
    private static func shorterForm(_ command: Command, _ length: Int, _ payload: [UInt8]) -> Bool {
        switch command {
        case .version: [46, 72, 80, 96, 100].contains(length)
        case .reject: length == payload.count - 32 && payload.starts(with: hex("027478"))
        default: false
        }
    }

    @Test func countsBeyondTheBytesAreRefusedAtOnce() throws {
        let cases: [(Command, String)] = [
            (.inventory, "fd50c3"), (.addresses, "fde803"), (.headers, "fdd007"),
            (.getHeaders, "80110100fdf401"), (.transaction, "01000000fe00000002"),
            (.transaction, "0100000000fe00000002"), (.transaction, "0100000000fe80841e00"),
            (.block, String(repeating: "00", count: 80) + "fe00000002"),
        ]
        for (command, text) in cases {
            let error = #expect(throws: DecodeError.self) {
                try Message.decode(command: command, payload: hex(text))
            }
            guard case .truncated = error?.reason else {
                Issue.record("\(command): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func listsAtTheirLimitAndOneOver() throws {
        let one = Hash256.zero
        func inventory(_ count: Int) -> Message {
            .inventory([InventoryVector](repeating: .block(one), count: count))
        }
        func addresses(_ count: Int) -> Message {
            .addresses(
                [TimestampedAddress](
                    repeating: TimestampedAddress(time: 1, address: .unspecified), count: count))
        }
        let header = BlockHeader(version: 1, previousBlock: one, merkleRoot: one, time: 0, bits: 0, nonce: 0)
        let pairs: [(Message, Message)] = [
            (inventory(50_000), inventory(50_001)), (addresses(1_000), addresses(1_001)),
            (
                .headers([BlockHeader](repeating: header, count: 2_000)),
                .headers([BlockHeader](repeating: header, count: 2_001))
            ),
            (
                .getHeaders(locator: [Hash256](repeating: one, count: 500)),
                .getHeaders(locator: [Hash256](repeating: one, count: 501))
            ),
        ]
        var wide = WireLimits()
        wide.maxInventoryCount = 60_000
        wide.maxAddressCount = 2_000
        wide.maxHeaderCount = 3_000
        wide.maxLocatorCount = 600
        for (fits, over) in pairs {
            let payload = try fits.payload()
            #expect(try Message.decode(command: fits.command, payload: payload) == fits)
            #expect(throws: EncodeError.self) { try over.payload() }
            // The whole is too long as well; its beginning is only a count that is too large.
            let tooLong = try over.payload(limits: wide)
            let whole = #expect(throws: DecodeError.self) {
                try Message.decode(command: over.command, payload: tooLong)
            }
            guard case .payloadTooLong(tooLong.count, _) = whole?.reason else {
                Issue.record("\(over.command): \(String(describing: whole))")
                continue
            }
            let error = #expect(throws: DecodeError.self) {
                try Message.decode(command: over.command, payload: Array(tooLong.prefix(40)))
            }
            guard case .limitExceeded = error?.reason else {
                Issue.record("\(over.command): \(String(describing: error))")
                continue
            }
        }
    }

    /// The texts of a `reject`, both ways, and with the limits a host may set instead.
    @Test func textsOfARejectAtTheirLimitAndOneOver() throws {
        func reject(_ command: Int, _ reason: Int) -> Message {
            .reject(
                RejectMessage(
                    commandBytes: [UInt8](repeating: 0x61, count: command), code: .invalid,
                    reasonBytes: [UInt8](repeating: 0x62, count: reason)))
        }
        var wide = WireLimits()
        wide.maxRejectCommandLength = 300
        wide.maxRejectReasonLength = 10_000
        let atLimit = reject(12, 4_096)
        #expect(try Message.decode(command: .reject, payload: atLimit.payload()) == atLimit)
        for (message, field, value, limit) in [
            (reject(13, 1), "rejected command", 13, 12), (reject(1, 4_097), "reason", 4_097, 4_096),
        ] as [(Message, FieldName, Int, Int)] {
            #expect(throws: EncodeError.limitExceeded(field: field, value: value, limit: limit)) {
                try message.payload()
            }
            let payload = try message.payload(limits: wide)
            #expect(try Message.decode(command: .reject, payload: payload, limits: wide) == message)
            let error = #expect(throws: DecodeError.self) {
                try Message.decode(command: .reject, payload: payload)
            }
            #expect(error?.reason == .limitExceeded(value: UInt64(value), limit: UInt64(limit)))
            #expect(error?.field == field)
        }
    }

    /// A script may be as long as a length can tell, and not one byte longer, whatever the bytes.
    @Test func scriptsAreLimitedByWhatALengthMayBe() throws {
        let head = hex("0100000001") + [UInt8](repeating: 1, count: 36)
        for (length, reason) in [
            ("fe00000002", DecodeError.Reason.truncated(needed: 33_554_432, available: 4)),
            ("fe01000002", .limitExceeded(value: 33_554_433, limit: 33_554_432)),
        ] {
            let error = #expect(throws: DecodeError.self) {
                try Message.decode(command: .transaction, payload: head + hex(length) + [1, 2, 3, 4])
            }
            #expect(error == DecodeError(field: "input script", offset: 41, reason: reason))
        }
        let over = WireBytes([UInt8](repeating: 0, count: 33_554_433))
        #expect(
            throws: EncodeError.limitExceeded(field: "output script", value: 33_554_433, limit: 33_554_432)
        ) {
            try Transaction(inputs: [], outputs: [TransactionOutput(value: 0, script: over)])
        }
    }
}
