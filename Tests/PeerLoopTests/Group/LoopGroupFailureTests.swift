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

    /// Takes all descriptors that this process may have but so many, and returns those it took. Counting those that are
    /// open would not do: they need not have the lowest numbers.
    static func occupyDescriptors(leaving count: Int) -> [Int32] {
        var limit = rlimit(rlim_cur: 256, rlim_max: 4_096)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var taken: [Int32] = []
        while case let number = dup(STDERR_FILENO), number >= 0 { taken.append(number) }
        release(Array(taken.suffix(count)))
        return Array(taken.dropLast(count))
    }

    static func release(_ descriptors: [Int32]) {
        for descriptor in descriptors { close(descriptor) }
    }

    @Test func aLoopThatCannotStartTakesTheOthersWithIt() async throws {
        await #expect(processExitsWith: .success) {
            let before = (Self.descriptors(), Self.threads())
            // A loop takes three. Two start, the third cannot.
            let taken = Self.occupyDescriptors(leaving: 7)
            var configuration = LoopGroup.Configuration()
            configuration.loopCount = 4
            do throws(SystemError) {
                _ = try LoopGroup.start(configuration)
                Issue.record("it started")
            } catch {
                precondition(error.isOutOfDescriptors, "\(error)")
            }
            Self.release(taken)
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
            let taken = Self.occupyDescriptors(leaving: 2)
            do throws(SubmitError<SystemError>) {
                _ = try await group.listen(on: SocketAddress(ipv4: 127, 0, 0, 1, port: 0)) { _ in TestAcceptor { nil } }
                Issue.record("it listens")
            } catch {
                precondition(error == .failed(SystemError(.socket, code: EMFILE)), "\(error)")
            }
            Self.release(taken)
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
