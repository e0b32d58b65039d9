import Glibc
import PeerKit

/// A file that holds one block as it is in the payload of a `block` message.
enum BlockFile {
    /// Reads a block. Throws a usage error in one line: the path was an argument.
    static func read(_ path: String, limits: WireLimits) throws(CommandFailure) -> Block {
        let bytes = try bytes(path, limit: limits.maxBlockLikePayload)
        do throws(DecodeError) {
            return try Block(bytes: bytes)
        } catch {
            throw .usage("\(path) is not a block: \(error); --block-file takes the payload of a block message, raw")
        }
    }

    /// All bytes of a file. The limit is for what is no plain file and never ends.
    private static func bytes(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path, errno)
            }
            bytes += chunk[..<count]
            if bytes.count > limit {
                throw .usage("\(path) is not a block: it is over \(limit) bytes, the most this network's messages hold")
            }
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> CommandFailure {
        .usage("cannot read \(path): \(String(cString: strerror(code))); --block-file takes a file with a raw block")
    }
}
