/// Stub.
struct AddressRate: Sendable, BitwiseCopyable {
    init(_ configuration: AddressRateConfiguration, at now: Timestamp) {}
    mutating func received(_ count: Int, at now: Timestamp, _ configuration: AddressRateConfiguration) -> Int { count }
    mutating func requested(_ configuration: AddressRateConfiguration) {}
}
