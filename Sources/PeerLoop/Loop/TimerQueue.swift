/// Deadlines of one loop in a hierarchical timing wheel: arming, cancelling and expiring cost the same however many
/// timers there are.
///
/// A timer is a small number that its owner keeps; it is either armed, in one list, or idle. Time is nanoseconds that
/// never go back, counted in steps of ``resolution``. Four levels of 256 slots hold the deadlines of the next three
/// days: a slot of the first is one step, a slot of each other a whole round of the level below. Later deadlines wait
/// in a list of their own.
///
/// A timer never fires before its deadline, and up to one step behind it when somebody asks in time. Timers fire in
/// order of their deadlines by whole steps; those of one step that were armed at the same moment in that order.
struct TimerQueue {
    typealias Identifier = UInt32

    /// One step, in nanoseconds: finer than the milliseconds in which the kernel counts a wait.
    static let resolution: Int64 = 1 << stepBits
    static let stepBits: Int64 = 16

    /// A timer, or the head of a list. Lists are rings, so that leaving one takes no search, and the last to leave
    /// finds the head on both of its sides.
    private struct Node: BitwiseCopyable {
        /// When a timer is due, in nanoseconds; of a head, the first step at which one of its list can be due.
        var deadline: Int64 = 0
        var next: UInt32
        var previous: UInt32
    }

    /// Heads first: the slots of all levels, level by level, then the lists below; behind them the timers.
    private var nodes: [Node]
    /// A bit for each slot with a timer. As levels follow each other in time, so do the set bits.
    private var occupied = InlineArray<16, UInt64>(repeating: 0)
    /// A bit for each word of `occupied` that is not zero.
    private var occupiedWords: UInt16 = 0
    private var firstFree = TimerQueue.none

    /// The step up to which timers have left the wheel. What is in it is later, and its place is given by the highest
    /// byte in which the steps differ.
    private var step: Int64 = 0
    /// The last step of the round under way, which is done when `step` has come up to it.
    private var lastStep: Int64 = 0
    /// When the round began, in nanoseconds.
    private var roundTime: Int64 = -1

    /// Timers that are armed.
    private(set) var armedCount = 0

    private static let slotCount: UInt32 = 4 * 256
    /// Beyond the range of the wheel.
    private static let far = slotCount
    /// Due in this round.
    private static let due = slotCount + 1
    /// Armed for a time that the round under way has passed: due in the next one.
    private static let overdue = slotCount + 2
    private static let headCount = slotCount + 3
    private static let none = UInt32.max

    init() {
        nodes = (0..<Self.headCount).map { Node(next: $0, previous: $0) }
    }

    /// A new, idle timer.
    mutating func allocate() -> Identifier {
        if firstFree != Self.none {
            let index = firstFree
            firstFree = nodes[Int(index)].next
            nodes[Int(index)].next = index
            return index - Self.headCount
        }
        let index = UInt32(nodes.count)
        nodes.append(Node(next: index, previous: index))
        return index - Self.headCount
    }

    mutating func release(_ identifier: Identifier) {
        cancel(identifier)
        let index = identifier + Self.headCount
        nodes[Int(index)].next = firstFree
        firstFree = index
    }

    /// Nanoseconds at which ``popDue(at:)`` has something to do, `nil` when no timer is armed. Cancelling may leave it
    /// too early, once, never too late.
    var earliest: Int64? {
        if armedCount == 0 { return nil }
        if !isEmpty(Self.due) || !isEmpty(Self.overdue) { return roundTime }
        let first = nodes[Int(firstSlot ?? Self.far)].deadline
        return first > Int64.max >> Self.stepBits ? .max : first << Self.stepBits
    }

    /// Nanoseconds at which a timer is due, `nil` while it is idle. See ``arm(_:at:now:)`` for what has passed.
    func armedDeadline(of identifier: Identifier) -> Int64? {
        let index = identifier + Self.headCount
        let node = nodes[Int(index)]
        return node.next == index ? nil : node.deadline
    }

    /// Arms a timer anew, whether it is armed or not. A deadline that has passed is taken for the begin of the step
    /// that `now` is in, so that it is due in the next round. One of `Int64.max` never comes.
    mutating func arm(_ identifier: Identifier, at deadline: Int64, now: Int64) {
        let index = identifier + Self.headCount
        if nodes[Int(index)].next == index { armedCount += 1 } else { unlink(index) }
        let deadline = deadline <= now ? now & ~(Self.resolution - 1) : deadline
        nodes[Int(index)].deadline = deadline
        let due = Self.step(of: deadline)
        if due <= lastStep { link(index, to: Self.overdue, due) } else { link(index, to: slot(for: due), due) }
    }

    mutating func cancel(_ identifier: Identifier) {
        let index = identifier + Self.headCount
        if nodes[Int(index)].next == index { return }
        unlink(index)
        nodes[Int(index)].next = index
        armedCount -= 1
    }

    /// Takes the first timer that is due at `now`; it becomes idle.
    ///
    /// Calls with the same `now` are one round: what is armed meanwhile waits for the next one, which begins with a
    /// later `now` once this one is done.
    mutating func popDue(at now: Int64) -> Identifier? {
        if isEmpty(Self.due), !gatherDue(at: now) { return nil }
        let index = nodes[Int(Self.due)].next
        unlink(index)
        nodes[Int(index)].next = index
        armedCount -= 1
        return index - Self.headCount
    }
}

extension TimerQueue {
    /// The first step that does not begin before the deadline.
    private static func step(of deadline: Int64) -> Int64 {
        let whole = deadline >> stepBits
        return deadline & (resolution - 1) == 0 ? whole : whole + 1
    }

    private func slot(for due: Int64) -> UInt32 {
        let level = UInt32((63 - (due ^ step).leadingZeroBitCount) >> 3)
        if level > 3 { return Self.far }
        return level << 8 | UInt32(truncatingIfNeeded: due >> Int64(level << 3)) & 0xff
    }

    private func isEmpty(_ head: UInt32) -> Bool { nodes[Int(head)].next == head }

    private var firstSlot: UInt32? {
        if occupiedWords == 0 { return nil }
        let word = occupiedWords.trailingZeroBitCount
        return UInt32(word << 6 + occupied[word].trailingZeroBitCount)
    }

    private mutating func link(_ index: UInt32, to head: UInt32, _ due: Int64) {
        let last = nodes[Int(head)].previous
        if last == head {
            nodes[Int(head)].deadline = due
            mark(head)
        } else if due < nodes[Int(head)].deadline {
            nodes[Int(head)].deadline = due
        }
        nodes[Int(index)].previous = last
        nodes[Int(index)].next = head
        nodes[Int(last)].next = index
        nodes[Int(head)].previous = index
    }

    private mutating func unlink(_ index: UInt32) {
        let node = nodes[Int(index)]
        nodes[Int(node.previous)].next = node.next
        nodes[Int(node.next)].previous = node.previous
        if node.next == node.previous { unmark(node.next) }
    }

    private mutating func mark(_ head: UInt32) {
        if head >= Self.slotCount { return }
        let word = Int(head >> 6)
        occupied[word] |= 1 << UInt64(head & 63)
        occupiedWords |= 1 << UInt16(word)
    }

    private mutating func unmark(_ head: UInt32) {
        if head >= Self.slotCount { return }
        let word = Int(head >> 6)
        occupied[word] &= ~(1 << UInt64(head & 63))
        if occupied[word] == 0 { occupiedWords &= ~(1 << UInt16(word)) }
    }

    /// Moves what is due to its list, in order and step by step. False when nothing is.
    private mutating func gatherDue(at now: Int64) -> Bool {
        advance()
        if !isEmpty(Self.due) { return true }
        guard now > roundTime else { return false }
        roundTime = now
        lastStep = max(lastStep, now >> Self.stepBits)
        if isEmpty(Self.overdue) { advance() } else { moveToDue(Self.overdue) }
        return !isEmpty(Self.due)
    }

    /// Goes on until something is due or the round is done, from one occupied slot to the next.
    private mutating func advance() {
        while step < lastStep {
            let head = firstSlot ?? Self.far
            let start: Int64
            if head == Self.far {
                if isEmpty(head) {
                    step = lastStep
                    return
                }
                start = nodes[Int(head)].deadline & ~0xffff_ffff
            } else {
                let shift = Int64((head >> 8) * 8)
                start = ((step >> shift) & ~0xff | Int64(head & 0xff)) << shift
            }
            if start > lastStep {
                step = lastStep
                return
            }
            step = start
            if head < 256 { moveToDue(head) } else { distribute(head) }
            if !isEmpty(Self.due) { return }
        }
    }

    private mutating func moveToDue(_ head: UInt32) {
        let (first, last) = (nodes[Int(head)].next, nodes[Int(head)].previous)
        nodes[Int(head)].next = head
        nodes[Int(head)].previous = head
        unmark(head)
        nodes[Int(first)].previous = Self.due
        nodes[Int(last)].next = Self.due
        nodes[Int(Self.due)].next = first
        nodes[Int(Self.due)].previous = last
    }

    /// Time has come to a slot of an upper level: its timers go to lower ones.
    private mutating func distribute(_ head: UInt32) {
        var index = nodes[Int(head)].next
        nodes[Int(head)].next = head
        nodes[Int(head)].previous = head
        unmark(head)
        while index != head {
            let node = nodes[Int(index)]
            let due = Self.step(of: node.deadline)
            link(index, to: due <= step ? Self.due : slot(for: due), due)
            index = node.next
        }
    }
}
