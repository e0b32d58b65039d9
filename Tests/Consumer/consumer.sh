#!/usr/bin/env bash
# Makes a package outside this one that depends on this checkout by path and has one import, and runs it.
# usage: consumer.sh SWIFT SCRATCH-FOLDER
set -euo pipefail

swift=$1
mkdir -p "$2"
scratch=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
package=$(mktemp -d)
trap 'rm -rf "$package"' EXIT

mkdir -p "$package/Sources/consumer"
cp "$here"/*.swift "$package/Sources/consumer/"
cat >"$package/Package.swift" <<MANIFEST
// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "Consumer",
    dependencies: [.package(name: "PeerKit", path: "$checkout")],
    targets: [
        .executableTarget(
            name: "consumer",
            dependencies: [.product(name: "PeerKit", package: "PeerKit")],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                // With it a program sees nothing but what it imports itself.
                .enableUpcomingFeature("MemberImportVisibility"),
            ]
        )
    ]
)
MANIFEST

"$swift" build --package-path "$package" --scratch-path "$scratch"
# What only this package's own tests need is not for a user to fetch.
if grep -q '"identity" : "swift-crypto"' "$package/Package.resolved"; then
  echo "consumer: a user has to fetch what only the tests need" >&2
  exit 1
fi
timeout 60 "$scratch/debug/consumer"
