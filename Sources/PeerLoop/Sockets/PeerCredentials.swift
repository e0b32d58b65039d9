/// The process at the other end of a Unix domain socket, as the kernel knows it; it cannot be made up by that process.
public struct PeerCredentials: Hashable, Sendable, BitwiseCopyable {
    /// The process's number when it connected or listened; it may have ended since. 0 where it is in a process
    /// namespace that this process cannot see.
    public let processID: Int32
    /// The effective user then.
    public let userID: UInt32
    /// The effective group then.
    public let groupID: UInt32
}
