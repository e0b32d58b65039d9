extension Array {
    /// An array of as many elements as `fill` puts into a span with room for `room`.
    ///
    /// Measured: the standard library's initialiser of this form looks up the array's type on each call, which costs as
    /// much as the allocation; appending does not.
    @inline(__always)
    init<Failure: Error>(
        room: Int, _ fill: (inout OutputSpan<Element>) throws(Failure) -> Void
    ) throws(Failure) {
        self.init()
        if room > 0 { try append(addingCapacity: room, initializingWith: fill) }
    }
}
