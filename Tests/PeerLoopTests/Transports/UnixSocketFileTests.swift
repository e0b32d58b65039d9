import Foundation
import Glibc
import PeerLoop
import Testing

/// The files that Unix domain sockets have in the file system.
@Suite(.timeLimit(.minutes(1))) struct UnixSocketFileTests {
    @Test func theFileGoesWithItsListener() async throws {
        let folder = try TemporaryFolder()
        let address = try folder.address()
        try await withLoop { loop in
            try await loop.submit { loop in
                for _ in 0..<2 {
                    let listener = try loop.listen(on: address, handler: TestAcceptor { nil })
                    #expect(folder.mode().map { $0 & S_IFMT } == S_IFSOCK)
                    loop.close(listener)
                    loop.close(listener)
                    #expect(folder.mode() == nil)
                }
            }
        }
    }

    @Test func aFileThatTookItsPlaceIsLeft() async throws {
        let folder = try TemporaryFolder()
        let address = try folder.address()
        try await withLoop { loop in
            try await loop.submit { loop in
                let first = try loop.listen(on: address, handler: TestAcceptor { nil })
                try FileManager.default.moveItem(atPath: address.name, toPath: address.name + "-moved")
                let second = try loop.listen(on: address, handler: TestAcceptor { nil })
                loop.close(first)
                #expect(folder.mode() != nil, "it is another listener's")
                loop.close(second)
                #expect(folder.mode() == nil)
            }
        }
    }

    @Test func aStaleFileIsReplaced() async throws {
        let folder = try TemporaryFolder()
        let address = try folder.address()
        try Self.leaveStale(address)
        try await TwoLoops.with { loops in
            try await loops.first.submit { loop in
                var options = UnixListenOptions()
                options.replacesStaleFile = false
                #expect(throws: SystemError(.bind, code: EADDRINUSE)) {
                    try loop.listen(on: address, options: options, handler: TestAcceptor { nil })
                }
                #expect(throws: SystemError(.connect, code: ECONNREFUSED)) {
                    try loop.connect(to: address, within: .seconds(1), handler: UnixScene.echo())
                }
                try loop.listen(on: address, handler: TestAcceptor { UnixScene.echo() })
            }
            try await UnixScene.expectEcho(loops, address)
        }
    }

    /// Bound and closed again, as a process that was killed leaves it.
    private static func leaveStale(_ address: UnixAddress) throws {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var kernel = sockaddr_un()
        kernel.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &kernel.sun_path) { $0.copyBytes(from: address.name.utf8) }
        let status = withUnsafePointer(to: &kernel) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
    }

    @Test func whatIsInUseIsNotReplaced() async throws {
        let folder = try TemporaryFolder()
        let address = try folder.address()
        try await TwoLoops.with { loops in
            try await loops.first.submit { loop in
                try loop.listen(on: address, handler: TestAcceptor { UnixScene.echo() })
                #expect(throws: SystemError(.bind, code: EADDRINUSE)) {
                    try loop.listen(on: address, handler: TestAcceptor { nil })
                }
            }
            try await UnixScene.expectEcho(loops, address)
        }
    }

    /// A connection to any of them is refused as one to a stale socket is.
    @Test func filesOfOtherKindsAreNotReplaced() async throws {
        let folder = try TemporaryFolder()
        let manager = FileManager.default
        #expect(manager.createFile(atPath: "\(folder.path)/file", contents: Data([1])))
        try manager.createDirectory(atPath: "\(folder.path)/folder", withIntermediateDirectories: false)
        #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        try Self.leaveStale(folder.address("stale"))
        try manager.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "\(folder.path)/stale")
        try await withLoop { loop in
            for name in ["file", "folder", "pipe", "link"] {
                let mode = folder.mode(name)
                try await loop.submit { loop in
                    _ = #expect(throws: SystemError(.bind, code: EADDRINUSE)) {
                        try loop.listen(on: folder.address(name), handler: TestAcceptor { nil })
                    }
                }
                #expect(folder.mode(name) == mode && mode != nil)
            }
        }
    }

    @Test(arguments: [0o600, 0o666, 0] as [UInt32]) func permissionsAreSet(_ permissions: UInt32) async throws {
        let folder = try TemporaryFolder()
        let address = try folder.address()
        try await withLoop { loop in
            try await loop.submit { loop in
                var options = UnixListenOptions()
                options.permissions = permissions
                try loop.listen(on: address, options: options, handler: TestAcceptor { nil })
            }
            #expect(folder.mode().map { $0 & 0o7777 } == permissions)
        }
    }

    @Test func aListenerThatCannotBeLeavesNothing() async throws {
        let folder = try TemporaryFolder()
        try await withLoop { loop in
            try await loop.submit { loop in
                #expect(throws: SystemError(.bind, code: ENOENT)) {
                    try loop.listen(on: folder.address("missing/socket"), handler: TestAcceptor { nil })
                }
                #expect(throws: SystemError(.connect, code: ENOENT)) {
                    try loop.connect(to: folder.address(), within: .seconds(1), handler: UnixScene.echo())
                }
                #expect(loop.connectionCount == 0)
            }
        }
        #expect(folder.names == [])
    }
}
