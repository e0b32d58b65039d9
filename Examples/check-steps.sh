#!/usr/bin/env bash
# Type-checks the steps that tutorials show on the way to an example's files, each together with the example's other
# files. usage: check-steps.sh SWIFT FOLDER-OF-BUILT-EXAMPLES
set -euo pipefail

compiler=$(command -v "$1")
modules=$2/Modules
here=$(cd "$(dirname "$0")" && pwd)
sources=$here/../Sources

for step in "$sources"/PeerKit/PeerKit.docc/Resources/*-[0-9].swift; do
  name=$(basename "$step")
  file=$(find "$here/Sources" -name "${name%-*}.swift")
  others=$(find "$(dirname "$file")" -name '*.swift' ! -name "$(basename "$file")")
  # The names of our files have no spaces.
  # shellcheck disable=SC2086
  "${compiler}c" -typecheck -parse-as-library -swift-version 6 -warnings-as-errors -module-name Step \
    -I "$modules" -I "$sources/CSHA256/include" -I "$sources/CEpollShim/include" "$step" $others
done
echo "every step of the tutorials compiles"
