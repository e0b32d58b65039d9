// swift-tools-version: 6.3
import PackageDescription

// A package of its own, as a user's would be: it knows of PeerKit and PeerLoop what the products give it, nothing else.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A program of its own folder, with one product.
func example(_ name: String, with product: String = "PeerKit") -> Target {
    .executableTarget(
        name: name,
        dependencies: ["ExampleSupport", .product(name: product, package: "PeerKit")],
        swiftSettings: strict
    )
}

let package = Package(
    name: "Examples",
    dependencies: [.package(name: "PeerKit", path: "..")],
    targets: [
        // What has nothing to do with peers: the command line with its addresses, Ctrl-C, time limits.
        .target(
            name: "ExampleSupport", dependencies: [.product(name: "PeerLoop", package: "PeerKit")],
            swiftSettings: strict),
        example("new-outbound-peer"),
        example("connect-and-print"),
        example("relay-node"),
        example("spv-headers"),
        example("bridge"),
        example("echo-server", with: "PeerLoop"),
        example("chat-server", with: "PeerLoop"),
        example("tcp-proxy", with: "PeerLoop"),
    ]
)
