import PeerSim
import Testing

/// Seeds that once failed, and what they showed.
@Suite("Seeds that were found")
struct FoundSeedTests {
    @Test(
        "hold",
        arguments: [
            // A goodbye that its reader, paused, had not taken in time was judged as an end in good order.
            49,
            // Requests that were postponed go into a lane that is full.
            178,
            // A message over the cap of the send queue, alone in it, with a pong behind it.
            1_233,
            // Headers asked for behind data that kept coming.
            17_836,
            // Listeners so busy that the clock of a peer that never reads nearly stands still.
            19_014,
        ] as [UInt64])
    func hold(_ seed: UInt64) throws {
        _ = try Simulation.run(SimulationOptions(seed: seed))
    }
}
