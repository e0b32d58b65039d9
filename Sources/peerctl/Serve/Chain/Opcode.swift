/// The script operations that made-up transactions use.
enum Opcode {
    static let pushDataOneByte: UInt8 = 0x4c
    static let one: UInt8 = 0x51
    static let `return`: UInt8 = 0x6a
    static let duplicate: UInt8 = 0x76
    static let equalVerify: UInt8 = 0x88
    static let hash160: UInt8 = 0xa9
    static let checkSignature: UInt8 = 0xac
}
