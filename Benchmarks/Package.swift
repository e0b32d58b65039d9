// swift-tools-version: 6.3
import PackageDescription

// A package of its own, so that what the comparisons need never reaches a user of the library.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "PeerKit", path: "..")],
    targets: [
        .target(
            name: "BenchServer",
            dependencies: [.product(name: "PeerLoop", package: "PeerKit")],
            swiftSettings: strict
        ),
        .target(name: "CAllocationCount"),
        .target(name: "WireBench", dependencies: ["CAllocationCount"], swiftSettings: strict),
        .executableTarget(
            name: "bench-wire",
            dependencies: ["WireBench", "CAllocationCount", .product(name: "PeerWire", package: "PeerKit")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-session",
            dependencies: [
                "WireBench", .product(name: "PeerSession", package: "PeerKit"),
                .product(name: "PeerWire", package: "PeerKit"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-peer-receiver",
            dependencies: [.product(name: "PeerKit", package: "PeerKit")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "loop-echo",
            dependencies: ["BenchServer", .product(name: "PeerLoop", package: "PeerKit")],
            swiftSettings: strict
        ),
        // The queue of the loop, which is none of its API, is linked in from its source.
        .executableTarget(
            name: "loop-timers",
            dependencies: [.product(name: "PeerLoop", package: "PeerKit")],
            swiftSettings: strict
        ),
        .target(name: "CPinning"),
        .executableTarget(
            name: "loop-hop",
            dependencies: ["CPinning", .product(name: "PeerLoop", package: "PeerKit")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "loop-ping",
            dependencies: [
                "BenchServer",
                .product(name: "PeerLoop", package: "PeerKit"),
                .product(name: "PeerWire", package: "PeerKit"),
            ],
            swiftSettings: strict
        ),
    ]
)
