import DequeModule
import Histogram
import PeerKit
import PeerLoop
import PeerSession

/// One connection of a load test, on the loop.
final class LoadPeer: LoopObserver {
    /// Kept alive by its peers: they may end after the result was handed over.
    private let driver: LoadDriver
    let index: Int
    var startedAt: Int64 = 0
    private(set) var isEstablished = false
    /// Nonces of the pings that are not answered, oldest first: a target that answers twice, or what it was not asked,
    /// completes nothing by it.
    private var pings = Deque<UInt64>()
    private var answers = 0
    private var peer: PeerConnection?
    /// Blocks asked for, oldest first: answered in order.
    private var requests = Deque<(hash: Hash256, at: Int64)>()
    private var nextBlock = 0
    private var inventoryCounter: UInt64 = 0

    init(driver: LoadDriver, index: Int) {
        self.driver = driver
        self.index = index
    }

    func established(_ peer: PeerConnection, at now: ContinuousClock.Instant) {
        isEstablished = true
        self.peer = peer
        driver.established(self)
    }

    func ended(_ peer: PeerConnection, reason: DisconnectReason) {
        self.peer = nil
        driver.ended(self, reason)
    }

    func received(_ frame: Frame, in input: RawSpan, from peer: PeerConnection) {
        switch frame.kind {
        case .pong where frame.length == 8:
            let nonce = frame.withPayload(in: input) { UInt64(littleEndian: $0.unsafeLoadUnaligned(as: UInt64.self)) }
            answered(nonce)
        case .headers where driver.plan.scenario == .blocks:
            learnBlocks(frame, in: input)
        case .block:
            receivedBlock(frame, in: input)
        case .notFound where driver.plan.scenario == .blocks:
            missedBlocks(frame, in: input)
        default:
            break
        }
    }

    /// The steady phase begins.
    func begin() {
        switch driver.plan.scenario {
        case .connect: break
        case .hold: ping()
        case .ping, .inv: for _ in 0..<driver.plan.window { next() }
        case .blocks: askForHeaders()
        }
    }

    /// Operations that are not done.
    var inFlight: Int { pings.count + requests.count }

    /// The second round of `hold`.
    func askAgain() { ping() }

    func hasAnsweredAll(rounds: Int) -> Bool { answers >= rounds }

    func close() {
        if isEstablished {
            peer?.closeFromLoop()
        }
    }

    private func next() {
        if driver.plan.scenario == .inv { announce() }
        ping()
    }

    private func ping() {
        let nonce = driver.nonceTag | UInt64(driver.node.loop.elapsedNanoseconds) & 0xffff_ffff_ffff
        pings.append(nonce)
        peer?.sendFromLoop(PingFrame.ping(nonce: nonce, magic: driver.plan.network.magic).span.bytes)
    }

    private func answered(_ nonce: UInt64) {
        let now = UInt64(driver.node.loop.elapsedNanoseconds)
        let sent = nonce & 0xffff_ffff_ffff
        // Answered in order by every node there is; others are searched for.
        guard let place = pings.first == nonce ? 0 : pings.firstIndex(of: nonce) else { return }
        pings.remove(at: place)
        answers += 1
        guard driver.isSteady else { return }
        driver.completed(nanoseconds: now >= sent ? now - sent : 0)
        if driver.plan.scenario != .hold, driver.plan.scenario != .blocks { next() }
    }

    /// A batch of transactions that nobody has: the target's cost of looking them up is what is measured.
    private func announce() {
        var items: [InventoryVector] = []
        items.reserveCapacity(driver.plan.batch)
        for _ in 0..<driver.plan.batch {
            inventoryCounter &+= 1
            items.append(.transaction(Hash256(run: driver.nonceTag, peer: index, number: inventoryCounter)))
        }
        send(.inventory(items))
    }

    func send(_ message: Message) {
        peer?.sendFromLoop(message)
    }
}

// MARK: - Blocks

extension LoadPeer {
    private func askForHeaders() {
        if driver.blockHashes.isEmpty {
            // No node has the zero hash, so the answer begins at the start of its chain.
            send(.getHeaders(locator: [.zero]))
        } else {
            for _ in 0..<driver.plan.window { askForBlock() }
        }
    }

    private func learnBlocks(_ frame: Frame, in input: RawSpan) {
        guard requests.isEmpty, driver.isSteady else { return }
        if driver.blockHashes.isEmpty {
            guard case .headers(let answer)? = try? Message.decode(frame, input: input) else { return }
            // The genesis block is not worth measuring, and no node has to serve it.
            driver.blockHashes = answer.headers.filter { !$0.previousBlock.isZero }.map { $0.hash() }
        }
        if driver.blockHashes.isEmpty {
            driver.control.requestStop("the target has no blocks to download")
            return
        }
        nextBlock = index % driver.blockHashes.count
        for _ in 0..<driver.plan.window { askForBlock() }
    }

    private func askForBlock() {
        let hash = driver.blockHashes[nextBlock]
        nextBlock = (nextBlock + 1) % driver.blockHashes.count
        requests.append((hash, driver.node.loop.elapsedNanoseconds))
        send(.getData([.block(hash)]))
    }

    private func receivedBlock(_ frame: Frame, in input: RawSpan) {
        guard let request = requests.popFirst() else { return }
        let hash = frame.withPayload(in: input) { bytes in
            bytes.byteCount >= BlockHeader.byteCount
                ? SHA256d.hash(bytes.extracting(first: BlockHeader.byteCount)) : Hash256.zero
        }
        guard driver.isSteady else { return }
        if hash == request.hash {
            answers += 1
            driver.result.receivedBytes += UInt64(frame.length)
            driver.completed(nanoseconds: UInt64(max(0, driver.node.loop.elapsedNanoseconds - request.at)))
        } else {
            driver.result.failedOperations += 1
        }
        askForBlock()
    }

    private func missedBlocks(_ frame: Frame, in input: RawSpan) {
        guard case .notFound(let answer)? = try? Message.decode(frame, input: input) else { return }
        for item in answer.items {
            guard let place = requests.firstIndex(where: { $0.hash == item.hash }) else { continue }
            requests.remove(at: place)
            driver.result.failedOperations += 1
        }
        // Asking again at once would only measure how fast it says no.
        if driver.isSteady, requests.isEmpty {
            driver.control.requestStop("the target does not have the blocks it announced")
        }
    }
}

extension LoadDriver {
    func completed(nanoseconds: UInt64) {
        result.operations += 1
        operations.record(nanoseconds / 1_000)
    }
}

extension Hash256 {
    /// A hash that no other peer, batch or run uses.
    fileprivate init(run: UInt64, peer: Int, number: UInt64) {
        self.init(word0: number, word1: UInt64(peer), word2: run, word3: 0x9e37_79b9_7f4a_7c15)
    }
}
