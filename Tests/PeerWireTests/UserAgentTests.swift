import PeerWire
import Testing

@Suite struct UserAgentTests {
    private typealias Component = UserAgent.Component

    private static func agent(_ text: String) -> UserAgent { UserAgent(bytes: Array(text.utf8)) }

    @Test func agentsOfCommonNodes() throws {
        let node = Component(name: "Bitcoin Cash Node", version: "28.0.1", comments: ["EB32.0"])
        #expect(Self.agent("/Bitcoin Cash Node:28.0.1(EB32.0)/").components == [node])
        #expect(try UserAgent([node]) == Self.agent("/Bitcoin Cash Node:28.0.1(EB32.0)/"))
        #expect(Self.agent("/bchd:0.22.2(EB32.0)/").excessiveBlockSize == 32_000_000)
        #expect(
            Self.agent("/BitcoinJ:0.2(iPad; U; CPU OS 3_2_1)/AndroidBuild:0.8/").components == [
                Component(name: "BitcoinJ", version: "0.2", comments: ["iPad", "U", "CPU OS 3_2_1"]),
                Component(name: "AndroidBuild", version: "0.8"),
            ])
    }

    @Test func layersComeBack() throws {
        let layers: [[Component]] = [
            [], [Component(name: "A", version: nil)], [Component(name: "A", version: "")],
            [
                Component(name: "A b", version: "1;2", comments: [" x", "y ", ".,-_?@"]),
                Component(name: "B", version: "2"),
            ],
            [Component(name: "A", version: nil, comments: ["c"])],
        ]
        for components in layers {
            #expect(try UserAgent(components).components == components)
        }
        #expect(try UserAgent(layers[3]).bytes == Array("/A b:1;2( x; y ; .,-_?@)/B:2/".utf8))
    }

    @Test(arguments: ["/", ":", "(", ")", "\n", "\u{0}", "ä", "🙂", "\u{7f}", "<", "\"", "\u{441}"])
    func whatCannotBeInAnAgentIsAnError(_ text: String) throws {
        let scalar = try #require(text.unicodeScalars.first)
        #expect(throws: UserAgentError.forbiddenCharacter("name", scalar)) {
            try UserAgent([Component(name: "a" + text, version: "1")])
        }
        #expect(throws: UserAgentError.forbiddenCharacter("version", scalar)) {
            try UserAgent([Component(name: "a", version: "1" + text)])
        }
        #expect(throws: UserAgentError.forbiddenCharacter("comment", scalar)) {
            try UserAgent([Component(name: "a", version: "1", comments: ["b", "a" + text])])
        }
    }

    @Test func otherErrors() throws {
        #expect(throws: UserAgentError.empty("name")) { try UserAgent([Component(name: "", version: "1")]) }
        #expect(throws: UserAgentError.empty("comment")) {
            try UserAgent([Component(name: "a", version: "1", comments: [""])])
        }
        #expect(throws: UserAgentError.forbiddenCharacter("comment", ";")) {
            try UserAgent([Component(name: "a", version: "1", comments: ["a;b"])])
        }
        let most = Component(name: String(repeating: "a", count: 252), version: "1")
        #expect(try UserAgent([most]).bytes.count == 256)
        #expect(throws: UserAgentError.tooLong(byteCount: 257, limit: 256)) {
            try UserAgent([Component(name: most.name + "a", version: "1")])
        }
    }

    @Test(arguments: [
        "/", "//", "Node:1", "/Node:1", "Node:1/", "/Node:1//", "/:1/", "/a:1:2/", "/a:1(x/y)/", "/a:1(x)y/", "/a:1(x/",
        "/a:1)x(/", "/a:1(x)(y)/", "/a:1((x))/", "/a:1(b:c)/", "/()/", "/(c)/",
    ])
    func agentsOfAnotherForm(_ text: String) {
        #expect(Self.agent(text).components == nil)
        #expect(Self.agent(text).excessiveBlockSize == nil)
    }

    @Test func parsingIsLenientWithComments() {
        #expect(Self.agent("/a:1()/").components == [Component(name: "a", version: "1")])
        #expect(
            Self.agent("/a:1(x;y;;  z)/").components == [
                Component(name: "a", version: "1", comments: ["x", "y", " z"])
            ])
        #expect(Self.agent("/ä:1<>/").components == [Component(name: "ä", version: "1<>")])
        #expect(UserAgent(bytes: [0x2f, 0xff, 0x2f]).components == nil)
        #expect(UserAgent.empty.components == [])
    }

    @Test func textToShow() {
        let agent = UserAgent(bytes: Array("/N\u{1b}[31m:1.0 (é; a_b)/\u{0}<script>?@".utf8) + [0xff, 0x80])
        #expect(agent.displayText == "/N31m:1.0 (; a_b)/script?@")
        var all = UserAgent(bytes: (0...255).map { UInt8($0) }).displayText
        #expect(all.count == 10 + 52 + 12)
        all.removeAll { $0.isLetter || $0.isNumber }
        #expect(Set(all) == Set(" .,;-_/:?@()"))
    }

    @Test func theCommentWithTheBlockSize() {
        let cases: [(Int, String)] = [
            (32_000_000, "EB32.0"), (2_000_000, "EB2.0"), (256_000_000, "EB256.0"), (32_099_999, "EB32.0"),
            (32_100_000, "EB32.1"), (99_999, "EB0.0"), (500_000, "EB0.5"), (0, "EB0.0"), (-1, "EB0.0"),
        ]
        for (size, text) in cases { #expect(UserAgent.excessiveBlockComment(maxBlockSize: size) == text) }
        #expect(UserAgent.excessiveBlockComment(maxBlockSize: .max).hasPrefix("EB9223372036854.7"))
        let read: [(String, Int?)] = [
            ("EB32.0", 32_000_000), ("EB32", 32_000_000), ("EB0.5", 500_000), ("EB999999.9", 999_999_900_000),
            ("EB", nil), ("EB.5", nil), ("EB1.", nil), ("EB1.23", nil), ("EBx", nil), ("eb32", nil), ("EB1000000", nil),
            ("EB-1", nil), ("EB 32", nil), ("EB1.0.0", nil),
        ]
        for (comment, size) in read {
            #expect(Self.agent("/a:1(\(comment))/").excessiveBlockSize == size, "\(comment)")
        }
        #expect(Self.agent("/a:1(x; EB8.0)/b:2(EB9.0)/").excessiveBlockSize == 8_000_000)
    }

    @Test func anyBytesAreLookedAtWithoutHarm() {
        var random = SeededGenerator(state: 2)
        let characters = Array("/:();ab1 .\u{e4}".utf8) + [0xff]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...20, using: &random)
            let bytes = (0..<count).map { _ in characters.randomElement(using: &random) ?? 0 }
            let agent = UserAgent(bytes: [0x2f] + bytes + [0x2f])
            if let components = agent.components, let built = try? UserAgent(components) {
                #expect(built.components == components)
            }
            #expect(agent.bytes == [0x2f] + bytes + [0x2f])
            #expect(agent.displayText.utf8.count <= agent.bytes.count)
        }
    }
}
