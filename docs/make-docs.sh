#!/usr/bin/env bash
# Builds the documentation of every library with DocC; a warning is an error.
# usage: make-docs.sh SWIFT FOLDER-OF-A-DEBUG-BUILD OUTPUT-FOLDER
set -euo pipefail

tools=$(dirname "$(realpath "$(command -v "$1")")")
build=$2
output=$3
for tool in docc swift-symbolgraph-extract; do
  [ -x "$tools/$tool" ] || { echo "docs: $tool is missing beside swift; it comes with the toolchain" >&2; exit 1; }
done

rm -rf "$output"
links=()
# What a library's pages link to comes before it.
for module in PeerWire PeerLoop PeerSession PeerSim PeerKit; do
  symbols=$output/symbols/$module
  mkdir -p "$symbols"
  "$tools/swift-symbolgraph-extract" -module-name "$module" -target "$(uname -m)-unknown-linux-gnu" \
    -I "$build/Modules" -I Sources/CSHA256/include -I Sources/CEpollShim/include \
    -minimum-access-level public -emit-extension-block-symbols -output-dir "$symbols"
  "$tools/docc" convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$symbols" \
    --enable-experimental-external-link-support --warnings-as-errors "${links[@]}" \
    --output-path "$output/$module.doccarchive"
  links+=(--dependency "$output/$module.doccarchive")
done
echo "the documentation is in $output"
