import Testing

/// What the compiler cannot prove is listed here, file by file; a new place is a decision, made by adding it.
@Suite struct SafetyTests {
    /// How often a file says that it knows better than the compiler, in all of Sources and Tests.
    private static let unproven: [String: Int] = [
        "Sources/PeerLoop/System/Lock.swift": 1,
        "Sources/PeerLoop/System/Monitor.swift": 1,
        "Sources/PeerLoop/Connections/Connection.swift": 6,
        "Sources/PeerLoop/Connections/OutputQueue.swift": 3,
        "Sources/PeerLoop/Loop/EventLoop.swift": 6,
        "Sources/PeerLoop/Workers/WorkSegment.swift": 1,
        "Sources/PeerLoop/Workers/WorkerDesk.swift": 1,
    ]

    private static let claims = [
        "@unchecked " + "Sendable", "nonisolated" + "(unsafe)", "unowned" + "(unsafe)", "@exclusivity" + "(unchecked)",
    ]

    @Test func claimsAgainstTheCompilerAreListed() throws {
        var seen: [String: Int] = [:]
        for file in try SourceTree.everything() where file.isSwift {
            for line in file.lines where Self.claims.contains(where: { SourceFile.code(line).contains($0) }) {
                seen[file.path, default: 0] += 1
                #expect(line.firstMatch(of: /\/\/ allowed: \w+/) != nil, "\(file): \(line)")
            }
        }
        #expect(seen == Self.unproven)
    }

    /// Files that handle memory by address, besides those above.
    private static let unsafeFiles: Set<String> = [
        "Sources/PeerWire/Bytes/RawSpan+Load.swift", "Sources/PeerWire/Bytes/SHA256d.swift",
        "Sources/PeerLoop/Addresses/SocketAddress+Kernel.swift",
        "Sources/PeerLoop/Addresses/SocketAddress+Parsing.swift",
        "Sources/PeerLoop/Addresses/UnixAddress+Kernel.swift", "Sources/PeerLoop/System/ByteArena.swift",
        "Sources/PeerLoop/System/Array+RawSpan.swift",
        "Sources/PeerLoop/System/Poller.swift", "Sources/PeerLoop/System/ReadBuffer.swift",
        "Sources/PeerLoop/System/Socket.swift", "Sources/PeerLoop/System/Socket+Addresses.swift",
        "Sources/PeerLoop/Connections/OutputQueue.swift",
        "Sources/PeerLoop/Connections/SharedChunks.swift",
        "Sources/PeerLoop/Transports/OutputRawSpan+Copy.swift",
        "Sources/PeerKit/Loop/PeerConnection+Frames.swift",
        "Sources/peerctl/Decode/FrameLines.swift", "Sources/peerctl/Decode/InputFile.swift",
        "Sources/peerctl/Load/LoadPeer.swift", "Sources/peerctl/Load/StandInTarget.swift",
        "Sources/peerctl/Support/JSONWriter.swift",
        "Sources/peerctl/Support/LineOutput.swift", "Sources/peerctl/Support/Output.swift",
    ]

    @Test func memoryIsHandledByAddressInFewFiles() throws {
        let files = try SourceTree.sources().filter { file in
            file.isSwift
                && file.lines.contains { line in
                    let code = SourceFile.code(line)
                    return code.contains("unsafe") || code.contains("Unsafe")
                }
        }
        let unproven = Set(Self.unproven.keys)
        #expect(Set(files.map(\.path)).symmetricDifference(Self.unsafeFiles).subtracting(unproven) == [])
        #expect(files.allSatisfy { !$0.path.hasPrefix("Sources/PeerSession/") })
    }

    @Test func nothingTrapsByForce() throws {
        let traps = ["try!", "as!", "fatalError("]
        for file in try SourceTree.sources() where file.isSwift {
            #expect(
                file.places { line in
                    let code = SourceFile.code(line)
                    return traps.contains { code.contains($0) } || code.contains("!") && Self.forces(code)
                } == [])
        }
    }

    /// A value forced out of an optional: an exclamation mark right after a name or a bracket, and not `!=`.
    private static func forces(_ code: Substring) -> Bool {
        // What stands in a literal is no code.
        let bare = String(code).replacing(/"([^"\\]|\\.)*"/, with: "\"\"")
        return bare.contains(/[\w)\]]!(?!=)/)
    }

    @Test(arguments: [
        ("let a = b!", true), ("f(x)!.y", true), ("a[0]!", true), ("a != b", false), ("!a", false),
        (#"print("done!")"#, false),
    ])
    func aForcedValueIsSeen(_ code: String, _ isForced: Bool) {
        #expect(Self.forces(code[...]) == isForced)
    }

    /// A test that sleeps is slow where it need not be and fails where the machine is slower than its author's.
    @Test func noTestSleeps() throws {
        let sleeps = /\b(Task\.sle{2}p|Thread\.sle{2}p|usle{2}p|nanosle{2}p|sle{2}p)\s*\(/
        for file in try SourceTree.files("Tests", endings: [".swift"]) {
            #expect(file.places { $0.contains("sleep") && SourceFile.code($0).contains(sleeps) } == [])
        }
    }
}
