import Glibc

/// What a process uses, read from the kernel.
enum ProcessUsage {
    /// CPU seconds of a process so far, to the nanosecond; 0 when it is gone.
    static func cpuSeconds(of pid: pid_t) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// CPU seconds of this process so far.
    static var ownCPUSeconds: Double { cpuSeconds(of: getpid()) }

    /// Resident bytes of a process; 0 when it is gone. From `smaps_rollup`, which is exact where `statm` is not.
    static func residentBytes(of pid: pid_t) -> Int {
        let descriptor = open("/proc/\(pid)/smaps_rollup", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return 0 }
        for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("Rss:") {
            let fields = line.split(separator: " ")
            if fields.count >= 2, let kilobytes = Int(fields[1]) { return kilobytes * 1_024 }
        }
        return 0
    }
}

/// Reads what a child uses at the milestones of a test.
final class UsageProbe: Sendable {
    private let pid: pid_t
    private let readings = Readings()
    private let residentBefore: Int
    private let cpuBefore: Double

    init(pid: pid_t) {
        self.pid = pid
        residentBefore = ProcessUsage.residentBytes(of: pid)
        cpuBefore = ProcessUsage.cpuSeconds(of: pid)
    }

    func read(_ milestone: LoadControl.Milestone) {
        readings.add(
            milestone, resident: ProcessUsage.residentBytes(of: pid), cpu: ProcessUsage.cpuSeconds(of: pid))
    }

    var usage: TargetUsage? {
        guard let connected = readings.of(.connected) else { return nil }
        let end = readings.of(.steadyEnded) ?? readings.of(.ended) ?? connected
        return TargetUsage(
            residentBefore: residentBefore, residentWithPeers: connected.resident,
            connectCPUSeconds: connected.cpu - cpuBefore, steadyCPUSeconds: end.cpu - connected.cpu)
    }
}
