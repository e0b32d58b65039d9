import PeerWire

/// Stub.
public enum Offence: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    case wrongMagic
    case feeFilterOutOfRange
    init(_ violation: ProtocolViolation, command: Command) { self = .wrongMagic }
    init(_ refusal: FrameRefusal, command: Command) { self = .wrongMagic }
}
