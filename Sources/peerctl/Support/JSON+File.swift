import Glibc

extension JSON {
    /// Writes the value on one line to a file, or to stdout for `-`.
    func write(to path: String) throws(CommandFailure) {
        if path == "-" {
            try Output.result(text)
            return
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .failed("cannot write '\(path)': \(SystemText.message(errno))")
        }
        defer { close(descriptor) }
        let bytes = Array((text + "\n").utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw .failed("cannot write '\(path)': \(SystemText.message(errno))")
        }
    }
}
