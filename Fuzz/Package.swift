// swift-tools-version: 6.3
import PackageDescription

// A package of its own: built with coverage and AddressSanitizer, as `make fuzz` does, and of no use to others.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "PeerKit", path: "..")],
    targets: [
        .target(name: "CFuzzer"),
        // A link to the tests' folder: `make test` runs the same bodies.
        .target(
            name: "FuzzBodies", dependencies: [.product(name: "PeerWire", package: "PeerKit")], swiftSettings: strict),
        .executableTarget(name: "fuzz", dependencies: ["CFuzzer", "FuzzBodies"], swiftSettings: strict),
        .executableTarget(name: "fuzz-seeds", dependencies: ["FuzzBodies"], swiftSettings: strict),
    ]
)
