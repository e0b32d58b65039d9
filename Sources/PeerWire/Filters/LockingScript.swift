/// Finds the locking script in the script field of an output: filters look at it without the token prefix.
///
/// Source: `PROTOCOL` 2.8, 8 (29).
enum LockingScript {
    /// Where the locking script begins: behind the token prefix, or at 0 when there is none that can be parsed.
    static func start(in field: RawSpan) -> Int { TokenData.prefixLength(in: field) ?? 0 }

    /// The bytes of the locking script in the field.
    static func range(in field: RawSpan) -> Range<Int> { start(in: field)..<field.byteCount }
}
