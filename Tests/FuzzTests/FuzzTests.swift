import FuzzBodies
import Testing

/// The bodies that `make fuzz` runs, without the fuzzer: over what is saved, and over damage to it.
@Suite struct FuzzTests {
    @Test(arguments: FuzzTarget.allCases) func theSavedCorpusHolds(_ target: FuzzTarget) throws {
        let saved = try SavedInputs.files(SavedInputs.folder("Corpus", target))
        #expect(!saved.isEmpty, "the corpus of \(target.rawValue) is missing")
        for (name, input) in saved { check(target, input, name) }
    }

    @Test(arguments: FuzzTarget.allCases) func whatWasFoundStaysMended(_ target: FuzzTarget) throws {
        for (name, input) in try SavedInputs.files(SavedInputs.folder("Findings", target)) {
            check(target, input, name)
        }
    }

    @Test(arguments: FuzzTarget.allCases) func theFirstInputsHold(_ target: FuzzTarget) {
        #expect(!target.seeds.isEmpty)
        for (place, input) in target.seeds.enumerated() { check(target, input, "seed \(place)") }
        for input in [[], [0], [0xff], [UInt8](repeating: 0, count: 100), [UInt8](repeating: 0xff, count: 100)] {
            check(target, input, "\(input.prefix(1)) x \(input.count)")
        }
    }

    @Test(arguments: FuzzTarget.allCases) func damageHolds(_ target: FuzzTarget) throws {
        let inputs = target.seeds + (try SavedInputs.files(SavedInputs.folder("Corpus", target)).map(\.input))
        var random = SeededGenerator(seed: 20_26)
        for round in 0..<600 {
            let input = inputs[Int.random(in: 0..<inputs.count, using: &random)]
            let other = inputs[Int.random(in: 0..<inputs.count, using: &random)]
            let damaged = random.mutated(input, with: other)
            check(target, Array(damaged.prefix(target.maximumLength)), "round \(round)")
        }
    }

    private func check(_ target: FuzzTarget, _ input: [UInt8], _ name: String) {
        do {
            #expect(try target.run(input) >= input.count, "\(target.rawValue), \(name)")
        } catch {
            Issue.record("\(target.rawValue), \(name): \(error); \(input.prefix(200))")
        }
    }
}
