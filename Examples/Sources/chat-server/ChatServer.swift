import ExampleSupport
import PeerLoop

// A room to talk in, line by line, with `nc` for one. The first line of a guest is its name. Until Ctrl-C.
@main struct ChatServer {
    static func main() async {
        await Example.run {
            let arguments = try Arguments(usage: "chat-server ADDRESS:PORT")
            try arguments.require(1...1)
            let address = try SocketAddress(arguments.values[0])
            var configuration = EventLoop.Configuration()
            // A guest who does not read is sent away when more than this would wait for it.
            configuration.writeLimits = WriteLimits(highMark: 64 << 10, cap: 256 << 10)
            let loop = try EventLoopHandle.start(configuration)
            let bound = try await loop.submit { loop in try loop.listen(on: address, handler: Room()).address }
            Example.say("listening on \(bound)")
            await Example.waitForInterruption()
            await loop.shutdown(within: .seconds(5))
        }
    }
}

/// Everybody is in one room, and so on one loop: nothing here needs a lock.
final class Room: AcceptHandler {
    var guests: [ConnectionID: Connection] = [:]

    func accept(from address: SocketAddress, on loop: EventLoop) -> (any ConnectionHandler)? {
        loop.connectionCount < 1_000 ? Guest(room: self) : nil
    }
    func tell(_ line: String, except sender: ConnectionID) {
        let bytes = Array("\(line)\n".utf8)
        for (id, connection) in guests where id != sender { connection.write(bytes) }
    }
}

final class Guest: ConnectionHandler {
    let room: Room
    var name: String?
    var rest: [UInt8] = []
    init(room: Room) { self.room = room }
    func opened(_ connection: Connection) { connection.setDeadline(.now + .seconds(60)) }
    func deadlineReached(on connection: Connection) { if name == nil { connection.close() } }
    func received(_ bytes: RawSpan, on connection: Connection) {
        // A read may end anywhere: what is behind the last newline is the start of the next line.
        var lines = (rest + [UInt8](copying: bytes)).split(separator: 10, omittingEmptySubsequences: false)
        rest = Array(lines.removeLast())
        for line in lines {
            let text = String(decoding: line.filter { $0 >= 32 }, as: UTF8.self)
            room.tell(name.map { "\($0): \(text)" } ?? "* \(text) joined", except: connection.id)
            name = name ?? text
            room.guests[connection.id] = connection
        }
        if rest.count > 1_000 { connection.close() }
    }
    func closed(_ connection: Connection, cause: CloseCause) {
        room.guests[connection.id] = nil
        if let name { room.tell("* \(name) left: \(cause)", except: connection.id) }
    }
}
