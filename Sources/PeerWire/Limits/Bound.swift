/// A limit in four bytes, as no payload is longer than four bytes can tell: what does not fit becomes the nearest that
/// does, 0 or 4,294,967,295.
///
/// The fields of ``WireLimits`` are stored so because limits are passed along with every message.
@propertyWrapper
public struct Bound: Hashable, Sendable, BitwiseCopyable {
    private var stored: UInt32

    /// A limit from a number, or the nearest there is.
    public init(wrappedValue: Int) {
        stored = UInt32(clamping: wrappedValue)
    }

    /// The limit: 0...4,294,967,295.
    public var wrappedValue: Int {
        get { Int(stored) }
        set { stored = UInt32(clamping: newValue) }
    }
}
