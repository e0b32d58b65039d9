import PeerWire
import TestSupport
import Testing

/// Vectors made with an independent implementation: what is good has these fields and comes back exactly.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.unavailable)))
struct GoldenVectorTests {
    @Test func theyAreAllRead() {
        #expect(GoldenVector.golden.count == 1_831)
        #expect(GoldenVector.golden("ok").count == 841)
        #expect(GoldenVector.golden("decode").count == 42)
        #expect(GoldenVector.golden("bad").count == 948)
        #expect(GoldenVector.quirks.count == 22)
    }

    /// Every command of theirs has a type here, and every one of ours but three is among theirs.
    @Test func everyCommandIsThere() {
        let good = GoldenVector.golden.filter { $0.kind != "bad" }
        let kinds = good.compactMap { Command($0.command).flatMap { MessageKind($0) } }
        #expect(kinds.count == good.count)
        let missing = Set(MessageKind.allCases).subtracting(kinds)
        #expect(missing == [.addressesV2, .extendedVersion, .doubleSpendProof])
    }

    /// Decodes, has the vector's fields, and comes back exactly.
    private func check(_ vector: GoldenVector) throws -> Message {
        let payload = try #require(vector.payload)
        let message = try vector.decode(payload)
        #expect(message.kind?.command.description == vector.command, "\(vector.name)")
        let fields = try #require(GoldenFields(version: vector.version).fields(of: message), "\(vector.name)")
        if fields != vector.fields {
            Issue.record("\(vector.name): \(fields) is not \(String(describing: vector.fields))")
        }
        #expect(try message.payload(protocolVersion: vector.version) == payload, "\(vector.name)")
        return message
    }

    @Test func goodOnesHaveTheirFieldsAndComeBackExactly() throws {
        var checked = 0
        var frames = 0
        for vector in GoldenVector.golden("ok") {
            let message = try check(vector)
            checked += 1
            guard let frame = vector.frame else { continue }
            #expect(try message.frame(magic: vector.magic, protocolVersion: vector.version) == frame, "\(vector.name)")
            let read = try cut(frame, endingAt: [], magic: vector.magic, limits: GoldenVector.limits).frames
            #expect(read.map(\.payload) == [vector.payload], "\(vector.name)")
            #expect(read.map(\.command.description) == [vector.command])
            frames += 1
        }
        #expect(checked == 841)
        #expect(frames == 832)
    }

    /// Bytes after the last field, booleans of 2, a `version` that ends early or is no text: all of it is kept.
    @Test func oddOnesHaveTheirFieldsAndComeBackExactlyToo() throws {
        var checked = 0
        for vector in GoldenVector.golden("decode") {
            _ = try check(vector)
            checked += 1
        }
        #expect(checked == 42)
    }

    /// What others lose, cut or die of is kept: every one comes back exactly, transactions with the right id.
    @Test func quirksAreOnlyBytes() throws {
        var transactions = 0
        var others = 0
        for quirk in GoldenVector.quirks {
            let payload = try #require(quirk.payload)
            let message = try quirk.decode(payload)
            #expect(try message.payload() == payload, "\(quirk.name)")
            guard case .transaction(let transaction) = message else {
                #expect(message.kind == .getBlockTransactions)
                others += 1
                continue
            }
            transactions += 1
            if case .object(let fields)? = quirk.fields {
                #expect(fields["true_txid"] == .text(transaction.hash().description), "\(quirk.name)")
            } else {
                // The one that its maker did not survive.
                #expect(quirk.name == "commit-u64max")
                #expect(transaction.hash() == SHA256d.hash(payload))
            }
            checkToken(of: transaction, quirk)
        }
        #expect(transactions == 21 && others == 1)
    }

    /// Their maker's word for what is a token, but for the length of a commitment, which is a matter of validation.
    private func checkToken(of transaction: Transaction, _ quirk: GoldenVector) {
        let isToken = ["valid", "zero-category", "commit-129"].contains(quirk.name)
        let output = transaction.outputs[0]
        #expect((output.token != nil) == isToken, "\(quirk.name)")
        if !isToken { #expect(output.lockingScript == output.script) }
        if quirk.name == "commit-129" {
            #expect(output.token?.commitment.count == 129)
            #expect(TokenData(scriptField: output.script, maximumCommitmentLength: 128) == nil)
        }
    }
}
