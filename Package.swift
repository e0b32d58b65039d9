// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let strictC: [CSetting] = [
    .treatAllWarnings(as: .error),
    .define("_GNU_SOURCE"),
]

let package = Package(
    name: "PeerKit",
    products: [
        .library(name: "PeerKit", targets: ["PeerKit"]),
        .library(name: "PeerLoop", targets: ["PeerLoop"]),
        .library(name: "PeerWire", targets: ["PeerWire"]),
        .library(name: "PeerSim", targets: ["PeerSim"]),
        .library(name: "PeerSession", targets: ["PeerSession"]),
        .executable(name: "peerctl", targets: ["peerctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(name: "CEpollShim", cSettings: strictC),
        .target(name: "CSHA256", cSettings: strictC),
        .target(
            name: "PeerLoop",
            dependencies: ["CEpollShim", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict
        ),
        .target(name: "PeerWire", dependencies: ["CSHA256"], swiftSettings: strict),
        .target(name: "PeerSession", dependencies: ["PeerWire"], swiftSettings: strict),
        .target(
            name: "PeerKit",
            dependencies: [
                "PeerLoop", "PeerWire", "PeerSession",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PeerSim",
            dependencies: [
                "PeerWire", "PeerSession",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "peerctl",
            dependencies: [
                "PeerKit", "PeerLoop", "PeerWire", "PeerSession", "PeerSim",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        // Also built by Fuzz, a package of its own.
        .target(name: "FuzzBodies", dependencies: ["PeerWire"], path: "Tests/FuzzBodies", swiftSettings: strict),
        .testTarget(
            name: "CSHA256Tests",
            dependencies: ["CSHA256", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict
        ),
        .testTarget(name: "PeerLoopTests", dependencies: ["PeerLoop", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "PeerWireTests", dependencies: ["PeerWire", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PeerSessionTests",
            dependencies: ["PeerSession", "PeerWire", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PeerSimTests",
            dependencies: ["PeerSim", "PeerSession", "PeerWire"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PeerKitTests",
            dependencies: [
                "PeerKit", "PeerLoop", "PeerSession", "PeerWire", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Drives PeerKit with clients that share no code with it.
        .testTarget(
            name: "ForeignTests",
            dependencies: ["PeerKit", "PeerWire", "TestSupport"],
            exclude: ["Python"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PeerctlTests",
            dependencies: [
                "peerctl", "PeerKit", "PeerLoop", "PeerWire", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzBodies", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: strict),
    ]
)

// `PEERKIT_TEST_TARGETS="A B"` leaves those tests and what they need: a sanitizer's build of everything takes long.
if let names = Context.environment["PEERKIT_TEST_TARGETS"] {
    var needed: Set<String> = []
    func need(_ name: String) {
        guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            return
        }
        for case .byNameItem(let name, _) in target.dependencies { need(name) }
    }
    for name in names.split(separator: " ") { need(String(name)) }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products = []
}
