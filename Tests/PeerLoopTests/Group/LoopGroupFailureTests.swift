import Foundation
import Testing

@testable import PeerLoop

/// With too few descriptors, in processes of their own.
@Suite(.timeLimit(.minutes(1))) struct LoopGroupFailureTests {
    static func descriptors() -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
    }

    static func threads() -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []).count
    }

    /// Leaves room for so many more descriptors.
    static func limitDescriptors(toFree count: Int) {
        // The listing itself takes one.
        var limit = rlimit(rlim_cur: rlim_t(descriptors() - 1 + count), rlim_max: 4_096)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    @Test func aLoopThatCannotStartTakesTheOthersWithIt() async throws {
        await #expect(processExitsWith: .success) {
            let before = (Self.descriptors(), Self.threads())
            // A loop takes three. Two start, the third cannot.
            Self.limitDescriptors(toFree: 7)
            var configuration = LoopGroup.Configuration()
            configuration.loopCount = 4
            do throws(SystemError) {
                _ = try LoopGroup.start(configuration)
                Issue.record("it started")
            } catch {
                precondition(error.isOutOfDescriptors, "\(error)")
            }
            while Self.threads() > before.1 { await Task.yield() }
            precondition(Self.descriptors() == before.0, "\(Self.descriptors()) descriptors")
        }
    }

    @Test func aListenerThatCannotBeMadeTakesTheOthersWithIt() async throws {
        await #expect(processExitsWith: .success) {
            var configuration = LoopGroup.Configuration()
            configuration.loopCount = 4
            let group = try LoopGroup.start(configuration)
            let before = Self.descriptors()
            Self.limitDescriptors(toFree: 2)
            do throws(SubmitError<SystemError>) {
                _ = try await group.listen(on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0)) { _ in TestAcceptor { nil } }
                Issue.record("it listens")
            } catch {
                precondition(error == .failed(SystemError(.socket, code: EMFILE)), "\(error)")
            }
            Self.limitDescriptors(toFree: 100)
            precondition(Self.descriptors() == before, "\(Self.descriptors()) descriptors, not \(before)")
            await group.shutdown(within: .zero)
        }
    }

    @Test func aGroupOfNoneIsAMistake() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var configuration = LoopGroup.Configuration()
            configuration.loopCount = 0
            _ = try LoopGroup.start(configuration)
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("a group has at least one loop"))
    }
}
