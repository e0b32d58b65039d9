import Testing

@testable import PeerKit

/// A message with all its fields, as `trace` shows it.
@Suite struct MessageDumpTests {
    private func dump(_ message: Message) -> String { MessageDump.text(of: message, lineLimit: 1_000) }

    @Test func fieldsStandBelowWhatTheyBelongTo() throws {
        #expect(dump(.verack) == "")
        #expect(
            dump(.inventory([.transaction(Samples.hash)])) == """
                  inventory:
                    items: 1
                      [0]: tx \(Samples.hash)

                """)
        #expect(
            dump(.transaction(try Samples.transaction())) == """
                  transaction: \(try Samples.transaction())
                    version: 2
                    inputs: 1
                      [0]:
                        outpoint: \(Samples.hash):3
                        script: 0102
                        sequence: 4294967295
                    outputs: 1
                      [0]:
                        value: 5
                        script: 06
                    lockTime: 7

                """)
    }

    @Test func everyMessageHasItsFields() throws {
        for kind in MessageKind.allCases {
            let message = try Samples.message(kind)
            let text = dump(message)
            #expect(text.utf8.count < 5_000, "\(text)")
            if try !message.payload().isEmpty { #expect(!text.isEmpty, "\(kind)") }
        }
        let block = dump(try Samples.message(.block))
        for field in ["merkleRoot: ", "transactions: 1", "lockTime: 7"] { #expect(block.contains(field)) }
        #expect(dump(try Samples.message(.version)).contains("userAgent: /raw:1/\n"))
    }

    /// What is left out is not looked at either: the time for the longest list is that for the first lines.
    @Test func linesAreLimited() {
        let list = Message.inventory([InventoryVector](repeating: .transaction(Samples.hash), count: 50_000))
        let text = MessageDump.text(of: list, lineLimit: 10)
        #expect(text.split(separator: "\n").count == 11)
        #expect(text.hasSuffix("... more fields left out\n"))
        let short = Message.inventory([InventoryVector](repeating: .transaction(Samples.hash), count: 8))
        #expect(!MessageDump.text(of: short, lineLimit: 10).contains("left out"))
        #expect(MessageDump.text(of: short, lineLimit: 9).contains("left out"))
    }

    @Test func textOfAPeerIsCleaned() {
        let text = dump(.reject(.transaction, .dust, reason: "a\u{1b}[2J\nb\u{202e}"))
        for scalar in text.unicodeScalars where scalar != "\n" {
            #expect(scalar == " " || RemoteText.clean(String(scalar)) == String(scalar))
        }
    }
}
