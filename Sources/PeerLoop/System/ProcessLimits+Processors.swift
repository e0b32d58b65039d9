internal import CEpollShim
internal import Glibc

extension ProcessLimits {
    /// Processors that this process may run on, as its affinity says, at least one. What a control group allows it of
    /// their time is not looked at.
    public static var availableProcessorCount: Int {
        let allowed = cepoll_processor_count()
        // With more processors than the kernel's fixed-size set holds, all that are there are taken.
        return max(1, allowed > 0 ? Int(allowed) : sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }
}
