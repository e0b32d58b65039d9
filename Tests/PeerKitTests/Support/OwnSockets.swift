import Glibc

/// The TCP sockets of this machine that have a port of the test on one side, as the kernel lists them, so that tests
/// that run at the same time do not count.
enum OwnSockets {
    /// Sockets that some process holds; a connection with both ends here counts twice. Listening ones are left out.
    static func count(port: UInt16) throws -> Int {
        var count = 0
        for line in try text(of: "/proc/net/tcp").split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            guard fields.count > 9 else { continue }
            let ports = [fields[1], fields[2]].map { $0.split(separator: ":").last.flatMap { UInt16($0, radix: 16) } }
            let isListening = fields[3] == "0A"
            // What only waits for its last packets to die away belongs to no process.
            let isHeld = fields[9] != "0"
            if ports.contains(port), !isListening, isHeld { count += 1 }
        }
        return count
    }

    private static func text(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Raw.Unexpected() }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&part, 1, part.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
    }
}
