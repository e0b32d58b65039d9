/// A property that does not hold: what the fuzzer looks for.
public struct Violation: Error, CustomStringConvertible {
    /// What does not hold.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Fails unless something holds.
@inline(__always)
func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(what()) }
}

/// What is there, or a failure.
@inline(__always)
func require<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws(Violation) -> Value {
    guard let value else { throw Violation(what()) }
    return value
}

/// The result of something that must not fail here.
func expect<Value, Failure: Error>(
    _ what: String, _ body: () throws(Failure) -> Value
) throws(Violation) -> Value {
    do throws(Failure) {
        return try body()
    } catch {
        throw Violation("\(what): \(error)")
    }
}

/// The result of something that may fail, and `nil` when it does. The error must have a text.
func attempt<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Violation) -> Value? {
    do throws(Failure) {
        return try body()
    } catch {
        try require(!"\(error)".isEmpty, "an error without a text")
        return nil
    }
}
