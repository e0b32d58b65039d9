/// Takes a value and does nothing with it, in a module of its own so that no optimiser can tell.
@inline(never)
package func keep<Value: ~Copyable>(_ value: borrowing Value) {}
