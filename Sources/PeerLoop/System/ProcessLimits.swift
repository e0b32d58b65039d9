internal import CEpollShim

/// Limits of this process that the operating system sets.
public enum ProcessLimits {
    /// Raises the limit on open descriptors to the highest the system allows this process, and returns it.
    ///
    /// Throws ``SystemError``.
    @discardableResult
    public static func raiseDescriptorLimit() throws(SystemError) -> Int {
        let limit = cepoll_raise_descriptor_limit()
        if limit < 0 { throw SystemError(.descriptorLimit, code: Int32(-limit)) }
        return Int(clamping: limit)
    }
}
