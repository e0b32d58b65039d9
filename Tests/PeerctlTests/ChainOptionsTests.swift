import ArgumentParser
import Foundation
import PeerKit
import TestSupport
import Testing

@testable import peerctl

@Suite struct ChainOptionsTests {
    private func failure(_ arguments: [String], _ network: Network = .mainnet) throws -> CommandFailure {
        let options = try ChainOptions.parse(arguments)
        return try #require(throws: CommandFailure.self) { _ = try options.makeChain(network) }
    }

    private func temporaryFile(_ bytes: [UInt8]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).bin")
        try Data(bytes).write(to: path)
        return path.path
    }

    @Test func unreadableFile() throws {
        let failure = try failure(["--block-file", "/nowhere/block.bin"])
        #expect(failure.exitCode == 2)
        #expect(failure.message.contains("/nowhere/block.bin: No such file"))
        #expect(!failure.message.contains("\n"))
        #expect(try self.failure(["--block-file", "/"]).message.contains("directory"))
    }

    @Test func notABlock() throws {
        let block = try makeBlocks(1)[0].bytes.array
        for bytes in [[], Array("hello, world\n".utf8), Array(block.dropLast()), block + [0]] {
            let path = try temporaryFile(bytes)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let failure = try failure(["--block-file", path])
            #expect(failure.exitCode == 2)
            #expect(failure.message.contains("\(path) is not a block: ") && !failure.message.contains("\n"))
        }
    }

    @Test func endlessFile() throws {
        #expect(try failure(["--block-file", "/dev/zero"], .testnet4).message.contains("over 4500000 bytes"))
    }

    @Test func filesFollowTheMadeUpChain() throws {
        let strangers = try makeBlocks(2, network: .mainnet, seed: 9)
        let paths = try strangers.map { try temporaryFile($0.bytes.array) }
        defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
        let options = try ChainOptions.parse(
            ["--blocks", "3", "--block-size", "2000", "--block-file", paths[1], "--block-file", paths[0]])
        let chain = try options.makeChain(.mainnet)
        #expect(chain.height == 5)
        #expect(chain.entries[4].hash == strangers[1].hash() && chain.entries[5].hash == strangers[0].hash())
        #expect(chain.entries[1].frame.bytes.count == 24 + 2_000)
    }

    @Test func nothingAskedForIsTheGenesisBlock() throws {
        #expect(try ChainOptions.parse([]).makeChain(.simnet).height == 0)
    }

    @Test(
        arguments: [
            ["--blocks=-1"], ["--blocks", "1000001"], ["--block-size", "999"], ["--seed=-1"], ["--blocks", "many"],
        ])
    func badNumbers(_ arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) {
            _ = try Peerctl.parseAsRoot(["serve"] + arguments)
        }
        #expect(Peerctl.exitCode(for: error) == .validationFailure)
    }

    @Test func sizesFollowTheNetwork() throws {
        #expect(try failure(["--blocks", "1", "--block-size", "32000001"]).exitCode == 2)
        #expect(try failure(["--blocks", "1", "--block-size", "2000001"], .chipnet).message.contains("2000000 bytes"))
    }

    @Test func moreThanThereIsMemory() throws {
        let failure = try failure(["--blocks", "1000000", "--block-size", "32000000"])
        #expect(failure.exitCode == 2 && failure.message.contains("memory"))
    }

    @Test func interruptedWhileMaking() throws {
        let options = try ChainOptions.parse(["--blocks", "1000000", "--block-size", "1000"])
        var made = 0
        let failure = try #require(throws: CommandFailure.self) {
            _ = try options.makeChain(.regtest) {
                made += 1
                return made == 3
            }
        }
        #expect(failure.exitCode == 130)
    }
}
