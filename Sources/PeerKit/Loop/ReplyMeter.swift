/// How many bytes of replies wait to be written among everything else: never too few, and those that were written are
/// forgotten when the queue has turned over once.
///
/// Replies are counted in two parts. When all that waited at some moment is written, the older part, which is all from
/// before it, is done with, and what came since becomes the older part.
struct ReplyMeter: BitwiseCopyable {
    private var older = 0
    private var newer = 0
    /// The place in the stream before which everything in `older` lies.
    private var mark: UInt64 = 0

    /// Bytes that may still wait.
    var byteCount: Int { older + newer }

    mutating func added(_ byteCount: Int) {
        newer += byteCount
    }

    /// After a write: `sent` bytes of the stream are with the kernel, `pending` ones wait.
    mutating func wrote(sent: UInt64, pending: Int) {
        if pending == 0 {
            older = 0
            newer = 0
        } else if sent >= mark {
            older = newer
            newer = 0
            mark = sent + UInt64(pending)
        }
    }
}
