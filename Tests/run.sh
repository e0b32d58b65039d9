#!/usr/bin/env bash
# run.sh LOG COMMAND...: runs a test command, keeps what it prints in LOG as well, and says at the end what failed.
set -uo pipefail
log=$1
shift
echo "$*"
"$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ]; then
  echo
  echo "what failed (everything is in $log):"
  grep -E '✘|error:|Fatal error|WARNING: ThreadSanitizer|ERROR: AddressSanitizer' "$log" | head -n 60
  # After a crash or at a time limit, those that had begun and not ended are of interest.
  grep -qE 'Test run with .* (passed|failed)' "$log" || { echo "it ended during:"; tail -n 5 "$log"; }
fi
exit "$status"
