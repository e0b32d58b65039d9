import Dispatch
import Foundation
import Testing

@testable import PeerLoop

/// With too few descriptors, in processes of their own.
@Suite(.timeLimit(.minutes(1))) struct LoopGroupFailureTests {
    /// The descriptors that this process has open, by number, but for the timers of Dispatch, which makes and drops
    /// them when it likes. What lists them is one, too, and gone by the time its target is asked for.
    static func descriptors() -> Set<Int> {
        let folder = "/proc/self/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let open = numbers.filter { number in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(number)")
            return target.map { !$0.contains("timerfd") } ?? false
        }
        return Set(open.compactMap(Int.init))
    }

    /// Has Dispatch open what it needs to wait, which it does with its first timer: not in the middle of a test.
    static func awaitDispatch() async {
        let fired = AsyncStream.makeStream(of: Void.self)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { fired.continuation.yield() }
        var iterator = fired.stream.makeAsyncIterator()
        _ = await iterator.next()
    }

    /// Waits until there are the same as before: the last act of a thread comes behind the end it reports.
    static func expectDescriptors(_ before: Set<Int>) async {
        let limit = ContinuousClock.now + .seconds(20)
        while descriptors() != before, .now < limit { await Task.yield() }
        let left = descriptors()
        precondition(left == before, "\(left.sorted()) are open, not \(before.sorted())")
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
            await Self.awaitDispatch()
            let before = Self.descriptors()
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
            await Self.expectDescriptors(before)
        }
    }

    @Test func aListenerThatCannotBeMadeTakesTheOthersWithIt() async throws {
        await #expect(processExitsWith: .success) {
            await Self.awaitDispatch()
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
            await Self.expectDescriptors(before)
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
