internal import PeerLoop
public import PeerSession

extension PeerNode {
    /// Messages and bytes so far, in and out, by command, of all peers together. Any thread; answered by the loop, behind
    /// all that was asked of it before. Nothing once the node is shut down.
    public var traffic: CommandTraffic {
        get async {
            await withCheckedContinuation { continuation in
                let isTaken = core.mailbox.post(.perform { continuation.resume(returning: $0.group.traffic) })
                if !isTaken { continuation.resume(returning: CommandTraffic()) }
            }
        }
    }
}
