#!/bin/sh
# Builds the fuzzer and runs it: what `make fuzz` and `make fuzz-corpus` do.
#   fuzz.sh run SECONDS [TARGET]     so many seconds for each target; fails when one has a finding
#   fuzz.sh corpus SECONDS [TARGET]  the same from our own messages only, and keeps the best inputs in Fuzz/Corpus
set -u
cd "$(dirname "$0")/.." || exit 1
mode=$1
seconds=$2
only=$3
swift=${SWIFT:-swift}
work=.build/fuzz
fuzzer=Fuzz/.build/release/fuzz

die() { echo "make: $1" >&2; exit 1; }

# Where the toolchain keeps libFuzzer. Without its main function, as the program brings one.
find_runtime() {
  folder=$("$swift" -print-target-info | sed -n 's/.*"runtimeResourcePath" *: *"\(.*\)".*/\1/p')
  for file in "$folder"/clang/lib/linux/libclang_rt.fuzzer_no_main-"$(uname -m)".a \
    "$folder"/clang/lib/*/libclang_rt.fuzzer_no_main.a; do
    if [ -e "$file" ]; then readlink -f "$file"; return; fi
  done
}

build() {
  runtime=$(find_runtime)
  if [ -z "$runtime" ]; then
    echo "skipped: this Swift toolchain has no libFuzzer (libclang_rt.fuzzer_no_main)"
    exit 0
  fi
  echo "building the fuzzer (release, AddressSanitizer, coverage)"
  "$swift" build -c release --package-path Fuzz --sanitize=address \
    -Xswiftc -sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table \
    -Xlinker "$runtime" -Xlinker -lstdc++ || die "the fuzzer does not build"
}

# The fuzzer looks for leaks itself, input by input: LeakSanitizer cannot follow pointers that carry an enum's case.
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export SWIFT_BACKTRACE=enable=no

# run_target TARGET MAXIMUM FOLDER...: fuzzes; the first folder gets what is new.
run_target() {
  target=$1
  maximum=$2
  shift 2
  log=$work/$target.log
  rm -rf "$work/found/$target"
  mkdir -p "$work/found/$target"
  timeout $((seconds * 2 + 300)) "$fuzzer" "$target" -max_total_time="$seconds" -max_len="$maximum" -timeout=10 \
    -rss_limit_mb=2048 -malloc_limit_mb=256 -detect_leaks=0 -print_final_stats=1 \
    -artifact_prefix="$work/found/$target/" "$@" >"$log" 2>&1
  code=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
  first=$(grep -o 'INITED cov: [0-9]*' "$log" | tail -n 1)
  result="no finding"
  if [ $code -ne 0 ]; then
    result="FINDING"
    failed="$failed $target"
  fi
  printf '%-16s %10s runs   %-10s (%s at first)   %s\n' "$target" "${runs:-?}" "${coverage:-cov: ?}" \
    "${first#INITED cov: }" "$result"
  [ $code -eq 0 ] || explain "$target" "$log"
}

explain() {
  grep -hE '^finding:|Fatal error|Swift runtime failure|==ERROR: Addr|^SUMMARY' "$2" | head -n 4 | sed 's/^/  /'
  for file in "$work/found/$1"/*; do
    [ -e "$file" ] || continue
    echo "  input:       $file"
    echo "  run it again: ASAN_OPTIONS=detect_leaks=0 $fuzzer $1 $file"
    echo "  once mended: mkdir -p Fuzz/Findings/$1 && cp $file Fuzz/Findings/$1/, which \`make test\` runs from then on"
  done
  echo "  all it said: $2"
}

# Inputs from vectors and captured traffic beside the project. They are not ours to keep.
data=${PEERKIT_SHARED:-../shared}/data

[ "$seconds" -gt 0 ] 2>/dev/null || die "SECONDS must be a number of seconds for each target, not '$seconds'"
build
targets=$("$fuzzer") || die "the fuzzer does not run"
if [ -n "$only" ]; then
  targets=$(echo "$targets" | grep "^$only ") || die "TARGET must be one of: $("$fuzzer" | cut -d ' ' -f 1 | tr '\n' ' ')"
fi
seeds=Fuzz/.build/release/fuzz-seeds
rm -rf "$work/own" "$work/shared"
"$seeds" "$work/own" || die "the first inputs cannot be made"
if [ "$mode" = run ] && [ -e "$data/golden.jsonl" ]; then
  "$seeds" "$work/shared" "$data" || die "inputs cannot be made of $data"
fi

failed=""
echo "$seconds seconds for each target"
while read -r target maximum; do
  mkdir -p "$work/$mode/$target" "$work/own/$target" "$work/shared/$target" "Fuzz/Corpus/$target" \
    "Fuzz/Findings/$target"
  if [ "$mode" = run ]; then
    run_target "$target" "$maximum" "$work/run/$target" "Fuzz/Corpus/$target" "Fuzz/Findings/$target" \
      "$work/own/$target" "$work/shared/$target"
  else
    run_target "$target" "$maximum" "$work/corpus/$target" "Fuzz/Corpus/$target" "$work/own/$target"
    # The smallest set with the same coverage, without the long ones.
    rm -rf "$work/small" "$work/merged"
    mkdir -p "$work/small" "$work/merged"
    for folder in "$work/corpus/$target" "Fuzz/Corpus/$target" "$work/own/$target"; do
      find "$folder" -type f -size -4k -exec cp {} "$work/small" \;
    done
    "$fuzzer" "$target" -merge=1 -detect_leaks=0 "$work/merged" "$work/small" >"$work/merge.log" 2>&1 \
      || die "the corpus of $target cannot be merged: see $work/merge.log"
    rm -rf "Fuzz/Corpus/$target"
    mkdir -p "Fuzz/Corpus/$target"
    find "$work/merged" -type f -printf '%s %p\n' | sort -n | head -n 300 | cut -d ' ' -f 2 \
      | xargs -I '{}' cp '{}' "Fuzz/Corpus/$target"
  fi
  rmdir "Fuzz/Findings/$target" "Fuzz/Corpus/$target" Fuzz/Findings 2>/dev/null
done <<EOF
$targets
EOF
if [ -n "$failed" ]; then
  echo "findings in:$failed"
  exit 1
fi
echo "no finding"
