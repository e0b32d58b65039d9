/// The commands this library has a type for, as a small number.
///
/// A kind indexes tables and bit masks (which listeners are set, limits, counts by command), so that nothing on the
/// path of a message compares text. Further kinds are appended as their codecs land.
public enum MessageKind: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    case version
    case verack
    case ping
    case pong
    case getAddresses
    case addresses
    case inventory
    case reject
    case getData
    case notFound
    case getHeaders
    case headers
    case transaction
    case block
    case sendHeaders
    case sendCompact
    case feeFilter

    /// The command on the wire.
    public var command: Command {
        switch self {
        case .version: .version
        case .verack: .verack
        case .ping: .ping
        case .pong: .pong
        case .getAddresses: .getAddresses
        case .addresses: .addresses
        case .inventory: .inventory
        case .reject: .reject
        case .getData: .getData
        case .notFound: .notFound
        case .getHeaders: .getHeaders
        case .headers: .headers
        case .transaction: .transaction
        case .block: .block
        case .sendHeaders: .sendHeaders
        case .sendCompact: .sendCompact
        case .feeFilter: .feeFilter
        }
    }

    /// The kind of a command, or `nil` for a command that has no type here.
    @inlinable
    public init?(_ command: Command) {
        switch (command.low, command.high) {
        case (0x006e6f6973726576, 0x00000000): self = .version
        case (0x00006b6361726576, 0x00000000): self = .verack
        case (0x00000000676e6970, 0x00000000): self = .ping
        case (0x00000000676e6f70, 0x00000000): self = .pong
        case (0x0072646461746567, 0x00000000): self = .getAddresses
        case (0x0000000072646461, 0x00000000): self = .addresses
        case (0x0000000000766e69, 0x00000000): self = .inventory
        case (0x00007463656a6572, 0x00000000): self = .reject
        case (0x0061746164746567, 0x00000000): self = .getData
        case (0x646e756f66746f6e, 0x00000000): self = .notFound
        case (0x6564616568746567, 0x00007372): self = .getHeaders
        case (0x0073726564616568, 0x00000000): self = .headers
        case (0x0000000000007874, 0x00000000): self = .transaction
        case (0x0000006b636f6c62, 0x00000000): self = .block
        case (0x64616568646e6573, 0x00737265): self = .sendHeaders
        case (0x63706d63646e6573, 0x00000074): self = .sendCompact
        case (0x65746c6966656566, 0x00000072): self = .feeFilter
        default: return nil
        }
    }
}
