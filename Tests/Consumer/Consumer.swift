// What a user's program may name with this one import: built in a package of its own, outside this one.
import PeerKit

/// Something that ought to hold does not.
struct Failure: Error {
    let what: String
}

func check(_ condition: Bool, _ what: String) throws {
    if !condition { throw Failure(what: what) }
}

@main struct Consumer {
    static func main() async throws {
        try values()
        try errors()
        try settings()
        try await twoNodes()
        try await ownParts()
        print("the consumer is content")
    }
}

// MARK: Values

func values() throws {
    let transaction = try Transaction(
        inputs: [TransactionInput(outpoint: .coinbase, script: [0x51])],
        outputs: [TransactionOutput(value: 50, script: .empty)])
    let genesis = Network.regtest.genesisBlock
    let header: BlockHeader = genesis.header
    let parsed = try Block(bytes: genesis.bytes.array)
    try check(parsed.hash() == Network.regtest.genesisHash && parsed == genesis, "the genesis block is not itself")
    try check(parsed.merkleRoot() == header.merkleRoot, "the merkle root is wrong")
    try check(Transaction(bytes: transaction.bytes.array).hash() == transaction.hash(), "a transaction changed")
    try check(transaction.isCoinbase && transaction.outputs.first?.value == 50, "a transaction lost its parts")

    let items = [InventoryVector.transaction(transaction.hash()), .block(genesis.hash())]
    let messages: [Message] = [
        .verack, .ping(nonce: 7), .getAddr, .inventory(items), .getData(items), .notFound(items), .headers([header]),
        .getHeaders(locator: [header.hash()]), .transaction(transaction), .block(genesis), .feeFilter(rate: 1_000),
        .reject(.transaction, .nonstandard, reason: "no", hash: .zero), .mempool, .sendHeaders,
        .compactBlock(CompactBlockMessage(block: genesis, nonce: 1)),
    ]
    for message in messages {
        let encoded = try EncodedMessage(message, network: .regtest, protocolVersion: .current)
        try check(encoded.bytes.count >= 24, "\(message.command) has no header")
        try check(message.kind.map { MessageKind.allCases.contains($0) } == true, "\(message.command) has no kind")
    }
    let compact = CompactBlockReconstruction.self
    let address: PeerAddress? = PeerAddress("203.0.113.7:8333")
    let agent = UserAgent(name: "consumer", version: "1.0.0", comments: ["x"])
    try check(address?.port == 8333 && agent.description == "/consumer:1.0.0(x)/", "\(compact): a text is wrong")
    try check(BlockLocator.heights(tipHeight: 3) == [3, 2, 1, 0], "a locator is wrong")
    try check(ProtocolVersion.current.rawValue == 70_016, "the version is wrong")
}

// MARK: Errors

func errors() throws {
    do throws(DecodeError) {
        _ = try Block(bytes: [1, 2, 3])
        throw DecodeError(field: "none", offset: 0, reason: .nonCanonical)
    } catch {
        try check(error.field != "none", "three bytes were a block")
    }
    do {
        _ = try SocketAddress("nonsense", defaultPort: nil)
        throw Failure(what: "nonsense was an address")
    } catch let error as AddressError {
        try check("\(error)".contains("nonsense"), "an error says too little")
    }
    let system = SystemError(.connect, code: 111)
    let all: [any Error] = [
        NodeError.shutDown, NodeError.invalidConfiguration("x"), SendError.queueFull, SendError.disconnected, system,
        EncodeError.inconsistent("x"), DisconnectReason.remoteClosed,
    ]
    try check(all.allSatisfy { !"\($0)".isEmpty } && system.isRefused, "an error says nothing")

    let reasons: [DisconnectReason] = [
        .requested, .idle, .misbehaved(.wrongMagic), .protocolViolation(.duplicateVersion, command: .version),
        .refusedFrame(.checksumMismatch, command: .ping), .responseTimedOut(.headers),
    ]
    try check(reasons.filter { $0.endedBy == .node }.count == 5, "a reason blames the wrong side")
    try check(Offence.allCases.contains { $0.isRequest }, "no offence is a request")
}

// MARK: Settings

func settings() throws {
    var configuration = PeerConfiguration(network: .chipnet)
    configuration.services = [.network, .bloom, .bitcoinCash]
    configuration.requiredServices = .network
    configuration.wireLimits = WireLimits(maxBlockSize: 8_000_000)
    configuration.wireLimits.maxInventoryCount = 10_000
    configuration.extendedVersion = ExtendedVersionMessage(version: .current)
    configuration.responseTimeouts = ResponseTimeouts()
    configuration.responseTimeouts.mempool = .seconds(10)
    configuration.inventory = InventoryConfiguration()
    configuration.inventory.order = .shuffled
    configuration.inventory.maxKnownItems = 100
    configuration.memoryBudgets = MemoryBudgets()
    configuration.memoryBudgets.laneByteCount = 64 << 20
    configuration.addressRate = AddressRateConfiguration()
    configuration.addressRate.addressesPerSecond = 1
    configuration.misbehaviour = MisbehaviourPolicy()
    configuration.misbehaviour[.unrequestedBlock] = MisbehaviourPolicy.Weight(persistent: 5)
    try check(configuration.misbehaviour[.unrequestedBlock].persistent == 5, "a weight was lost")

    configuration.sendQueueHighMark = configuration.sendQueueByteCap + 1
    do {
        _ = try PeerNode(configuration)
        throw Failure(what: "a configuration that cannot be was taken")
    } catch NodeError.invalidConfiguration(let text) {
        try check(text.contains("sendQueueHighMark"), "an error does not name its setting")
    }
}
