import TestSupport
import Testing

/// The figures of the tests beside this one would be worth nothing if they could not be anything else.
@Suite(.serialized) struct MemoryGrowthTests {
    @Test func memoryThatIsUsedAndGivenBackIsSeen() async throws {
        let growth = try await MemoryGrowth.measure {
            let bytes = [UInt8](repeating: 1, count: 64 << 20)
            #expect(bytes.last == 1)
        }
        #expect(growth.peak >= 60 << 20, "\(growth)")
        #expect(growth.atEnd < 16 << 20 || !ResidentMemory.isTelling, "\(growth)")
    }
}
