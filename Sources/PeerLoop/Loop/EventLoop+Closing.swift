extension EventLoop {
    /// Marks a connection as over; the descriptor is closed and the handler told when the tick ends, or in one of the
    /// next when many end at once.
    func close(_ connection: Connection, cause: CloseCause) {
        if connection.phase == .closed { return }
        connection.phase = .closed
        // What made writing fail is why it ends, whatever reading found after that.
        if connection.closeCause == nil { connection.closeCause = cause }
        cancelTimer(of: connection)
        closeList.append(connection)
    }

    /// Closes for good at most `count` of what has ended, what ends meanwhile included.
    func processCloses(atMost count: Int) {
        if closeList.isEmpty { return }
        var left = max(1, count)
        while closeHead < closeList.count, left > 0 {
            let connection = closeList[closeHead]
            closeHead += 1
            left -= 1
            finishClose(connection)
            ran { "the end of connection \(connection.id), \(connection.remoteAddress)" }
        }
        if closeHead == closeList.count {
            closeList.removeAll(keepingCapacity: closeList.count <= 1024)
            closeHead = 0
        } else {
            tally[.closeBudget] &+= 1
            if closeHead >= 4096, closeHead * 2 >= closeList.count {
                closeList.removeFirst(closeHead)
                closeHead = 0
            }
        }
        tellNotices()
    }

    private func finishClose(_ connection: Connection) {
        abandonOutput(of: connection)
        // While somebody else, perhaps a parent process, has the same socket open, closing leaves it in epoll.
        if connection.isAdopted, !connection.isDetached { try? poller.remove(connection.descriptor) }
        // Closing takes it out of epoll; reports already on their way carry a generation that is stale from here on.
        connection.descriptor.close()
        if let attachment = connection.attachment {
            connection.attachment = nil
            attachment.transport.close()
        }
        freeSlot(connection.id)
        connectionCount -= 1
        tally[.closed] &+= 1
        memoryReturn.noteClose()
        let handler = connection.handler
        connection.handler = nil
        handler?.closed(connection, cause: connection.closeCause ?? .closedLocally)
    }
}
