@_exported public import PeerWire

@_exported public import struct Logging.Logger
@_exported public import enum PeerLoop.AddressError
@_exported public import protocol PeerLoop.ByteTransport
// `import PeerKit` is all a user writes: the messages, and what the API here names of the other modules.
@_exported public import struct PeerLoop.HostAndPort
@_exported public import class PeerLoop.MemoryTransport
@_exported public import enum PeerLoop.ProcessLimits
@_exported public import struct PeerLoop.SocketAddress
@_exported public import struct PeerLoop.SystemError
@_exported public import enum PeerLoop.TransportRead
@_exported public import struct PeerLoop.TransportReadiness
@_exported public import enum PeerLoop.TransportWrite
@_exported public import struct PeerSession.AddressRateConfiguration
@_exported public import struct PeerSession.CommandTraffic
@_exported public import enum PeerSession.DisconnectReason
@_exported public import enum PeerSession.FrameRefusal
@_exported public import struct PeerSession.InventoryConfiguration
@_exported public import enum PeerSession.MemoryUse
@_exported public import struct PeerSession.MisbehaviourPolicy
@_exported public import enum PeerSession.Offence
@_exported public import struct PeerSession.PeerPreferences
@_exported public import struct PeerSession.PeerSnapshot
@_exported public import enum PeerSession.ProtocolViolation
@_exported public import enum PeerSession.ResponseKind
@_exported public import struct PeerSession.ResponseTimeouts
@_exported public import struct PeerSession.SessionStatistics
