internal import PeerLoop
public import PeerSession

extension PeerNode {
    /// Messages and bytes so far, in and out, by command, of all peers together. Any thread; answered by the loop,
    /// behind all that was asked of it before. Nothing once the node is shut down, and for a task that is cancelled.
    public var traffic: CommandTraffic {
        get async {
            if Task.isCancelled { return CommandTraffic() }
            let answer = Answer<CommandTraffic>()
            let isTaken = core.mailbox.post(.perform { answer.give($0.group.traffic) })
            if !isTaken { answer.give(CommandTraffic()) }
            return await answer.value(whenCancelled: CommandTraffic())
        }
    }
}
