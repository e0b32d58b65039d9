import Foundation
import Glibc
import PeerLoop
import Testing

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("\(NSTemporaryDirectory())/peerloop-XXXXXX".utf8CString)
        let isMade = mkdtemp(&template) != nil
        try #require(isMade)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func address(_ name: String = "socket") throws -> UnixAddress {
        try UnixAddress(path: "\(path)/\(name)")
    }

    /// The kind and the permissions of a file, `nil` when there is none.
    func mode(_ name: String = "socket") -> mode_t? {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0 ? status.st_mode : nil
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

/// Echoes over Unix domain sockets.
enum UnixScene {
    static func echo() -> TestHandler { TestHandler(Recorder(), onReceive: { $1.write($0) }) }

    static func abstractAddress(_ name: String = #function) throws -> UnixAddress {
        try UnixAddress(abstractName: "peerloop\0test \(getpid()) \(name)")
    }

    /// Connects and has a message echoed.
    static func expectEcho(_ loops: TwoLoops, _ address: UnixAddress) async throws {
        let recorder = Recorder()
        let message = pattern(1 << 20)
        let own = getuid()
        try await loops.second.submit { loop in
            let connection = try loop.connect(
                to: address, within: .seconds(30),
                handler: TestHandler(
                    recorder,
                    onOpen: {
                        $0.write(message)
                        let credentials = try? $0.peerCredentials()
                        #expect(credentials?.processID == getpid())
                        #expect(credentials?.userID == own)
                    }))
            #expect(!connection.isOpen, "never before the call returns")
            #expect(connection.remoteAddress == .unspecified)
            #expect(!connection.isInbound)
        }
        #expect(await recorder.wait { $0 == .opened } != nil)
        #expect(await recorder.receive(message.count) == message)
    }
}
