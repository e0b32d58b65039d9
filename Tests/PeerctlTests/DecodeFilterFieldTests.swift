import PeerKit
import Testing

@testable import peerctl

/// The fields under which filters, proofs and requests for them are shown.
@Suite struct DecodeFilterFieldTests {
    private static let hash = DecodeFieldTests.hash
    private static let zero = Hash256.zero

    private func shown(_ message: Message) -> String { DecodeFieldTests.shown(message) }

    @Test func bloomFilters() throws {
        let load = #"""
            {"length":3,"filter":"614e9b","hash_functions":5,"tweak":7,"flags":1,"flags_name":"update all"}
            """#
        #expect(try DecodeFieldTests.shown(.filterLoad, "03614e9b050000000700000001") == load)
        #expect(try DecodeFieldTests.shown(.filterAdd, "02abcd") == #"{"element":"abcd"}"#)
        #expect(try DecodeFieldTests.shown(.filterAdd, "00ff") == #"{"element":"","trailing_hex":"ff"}"#)
    }

    @Test func filteredBlocks() {
        let header = DecodeFieldTests.genesis.header
        let root = header.merkleRoot
        func message(_ hash: Hash256, _ flags: [UInt8]) -> Message {
            .merkleBlock(MerkleBlockMessage(header: header, transactionCount: 1, hashes: [hash], flags: flags))
        }
        func text(_ hash: Hash256, _ flags: String, _ matches: String) -> String {
            #"""
            {\#(DecodeFieldTests.header),"transaction_count":1,"hashes":["\#(hash)"],"flags":"\#(flags)",\#
            "matches":\#(matches)}
            """#
        }
        #expect(shown(message(root, [1])) == text(root, "01", #"[{"index":0,"txid":"\#(root)"}]"#))
        #expect(shown(message(root, [0])) == text(root, "00", "[]"))
        let wrong = "the root is \(Self.hash), the header has \(root)"
        #expect(shown(message(Self.hash, [1])) == text(Self.hash, "01", #"null,"proof_error":"\#(wrong)""#))
        let none = "1 bytes of flags after the end of the tree"
        #expect(shown(message(root, [1, 0])) == text(root, "0100", #"null,"proof_error":"\#(none)""#))
    }

    @Test func committedFilters() {
        let request = GetCommittedFiltersMessage(startHeight: 8, stopHash: Self.hash)
        let asked = #"{"filter_type":0,"start_height":8,"stop":"\#(Self.hash)"}"#
        #expect(shown(.getCommittedFilters(request)) == asked)
        #expect(shown(.getCommittedFilterHeaders(request)) == asked)
        let filter = CommittedFilterMessage(blockHash: Self.hash, filter: [1, 0xfe])
        #expect(
            shown(.committedFilter(filter))
                == #"{"filter_type":0,"block":"\#(Self.hash)","length":2,"filter":"01fe"}"#)
        let headers = CommittedFilterHeadersMessage(
            filterType: CommittedFilterType(rawValue: 9), stopHash: Self.hash, previousFilterHeader: Self.zero,
            filterHashes: [Self.hash, Self.zero])
        #expect(
            shown(.committedFilterHeaders(headers))
                == #"""
                {"filter_type":9,"stop":"\#(Self.hash)","previous_filter_header":"\#(Self.zero)",\#
                "filter_hashes":["\#(Self.hash)","\#(Self.zero)"]}
                """#)
        let points = CommittedFilterCheckpointsMessage(stopHash: Self.zero, filterHeaders: [Self.hash])
        #expect(
            shown(.committedFilterCheckpoints(points))
                == #"{"filter_type":0,"stop":"\#(Self.zero)","filter_headers":["\#(Self.hash)"]}"#)
        let checkpoints = GetCommittedFilterCheckpointsMessage(stopHash: Self.hash)
        #expect(
            shown(.getCommittedFilterCheckpoints(checkpoints)) == #"{"filter_type":0,"stop":"\#(Self.hash)"}"#)
        #expect(shown(.getCommittedFilterMempool(CommittedFilterType(rawValue: 255))) == #"{"filter_type":255}"#)
    }

    @Test func requestsForBlocks() {
        #expect(
            shown(.getBlocks(locator: [Self.hash]))
                == #"{"version":70016,"locator":["\#(Self.hash)"],"stop":"\#(Self.zero)"}"#)
    }

    @Test func doubleSpendProofs() {
        func spender(_ sequence: UInt32, _ outputs: Hash256) -> DoubleSpendProofMessage.Spender {
            DoubleSpendProofMessage.Spender(
                transactionVersion: 2, sequence: sequence, lockTime: 3, previousOutputsHash: Self.hash,
                sequenceHash: Self.zero, outputsHash: outputs, signature: [0x30, 0x41])
        }
        func text(_ sequence: UInt32, _ outputs: Hash256) -> String {
            #"""
            {"version":2,"sequence":\#(sequence),"lock_time":3,"previous_outputs_hash":"\#(Self.hash)",\#
            "sequence_hash":"\#(Self.zero)","outputs_hash":"\#(outputs)","pushes":["3041"]}
            """#
        }
        let outpoint = Outpoint(transaction: Self.hash, index: 6)
        let sane = DoubleSpendProofMessage(
            outpoint: outpoint, firstSpender: spender(4, Self.zero), secondSpender: spender(5, Self.hash))
        #expect(
            shown(.doubleSpendProof(sane))
                == #"""
                {"id":"\#(sane.id)","txid":"\#(Self.hash)","index":6,"sane":true,\#
                "first_spender":\#(text(4, Self.zero)),\#
                "second_spender":\#(text(5, Self.hash))}
                """#)
        let insane = DoubleSpendProofMessage(
            outpoint: outpoint, firstSpender: spender(5, Self.hash), secondSpender: spender(4, Self.zero))
        #expect(
            shown(.doubleSpendProof(insane))
                == #"""
                {"id":"\#(insane.id)","txid":"\#(Self.hash)","index":6,"sane":false,\#
                "sanity_error":"the spenders are in the wrong order","first_spender":\#(text(5, Self.hash)),\#
                "second_spender":\#(text(4, Self.zero))}
                """#)
    }
}
