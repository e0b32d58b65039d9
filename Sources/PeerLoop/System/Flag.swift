internal import Synchronization

/// A boolean that any thread may exchange.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    func exchange(_ newValue: Bool) -> Bool {
        value.exchange(newValue, ordering: .acquiringAndReleasing)
    }

    var isSet: Bool { value.load(ordering: .acquiring) }
}
