// swift-tools-version: 6.3
import PackageDescription

// SwiftNIO's servers, a rival in `make bench-loop`: a package of its own, so that the other benchmarks need no SwiftNIO.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "NIOBenchmarks",
    dependencies: [.package(url: "https://github.com/apple/swift-nio", from: "2.101.2")],
    targets: [
        // PeerKit's own, by a link: both ping servers compute their checksums with the same code.
        .target(name: "CSHA256", cSettings: [.treatAllWarnings(as: .error), .define("_GNU_SOURCE")]),
        .target(
            name: "NIOBenchServer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "nio-echo",
            dependencies: ["NIOBenchServer", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "nio-ping",
            dependencies: ["CSHA256", "NIOBenchServer", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
    ]
)
