#!/usr/bin/env bash
# Runs every example on loopback, against the stand-in node or each other, and checks what it prints and how it ends.
# usage: run.sh FOLDER-OF-BUILT-EXAMPLES PEERCTL
set -euo pipefail

examples=$1
peerctl=$2
# Seconds that anything here may take, and that what is started may last; all of it takes a few.
limit=60
lifetime=600
network=regtest
scratch=$(mktemp -d)
pids=()

cleanup() {
  local pid
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap cleanup EXIT

fail() {
  local name
  echo "examples: $*" >&2
  # What the programs that go on have said since somebody last listened to them.
  for name in "${!output[@]}"; do
    while IFS= read -r -t 1 -u "${output[$name]}" line; do echo "$name: $line" >&2; done
  done
  exit 1
}

declare -A output pid
# start NAME COMMAND...: a program that goes on, with its output to be read by `await NAME`.
start() {
  local name=$1 descriptor
  shift
  # In the foreground: otherwise `timeout` would pass a signal on twice, and a second one ends an example at once.
  exec {descriptor}< <(exec timeout --foreground "$lifetime" "$@" 2>&1)
  pid[$name]=$!
  pids+=("$!")
  output[$name]=$descriptor
}

# await NAME PATTERN: reads lines until one matches the extended regular expression; the line is then in $line.
await() {
  local name=$1 pattern=$2
  while IFS= read -r -t "$limit" -u "${output[$name]}" line; do
    if [[ $line =~ $pattern ]]; then return; fi
  done
  fail "$name did not print '$pattern'"
}

# finish NAME: SIGTERM, upon which it has to end in good order.
finish() {
  local code=0
  kill -TERM "${pid[$1]}"
  wait "${pid[$1]}" || code=$?
  [ "$code" -eq 0 ] || fail "$1 ended with exit code $code after SIGTERM"
}

# expect CODE TEXT COMMAND...: runs a program to its end; TEXT must be its last line.
expect() {
  local code=0 wanted=$1 text=$2 last
  shift 2
  timeout "$limit" "$@" >"$scratch/output" 2>&1 || code=$?
  last=$(tail -n 1 "$scratch/output")
  if [ "$code" -ne "$wanted" ] || [[ ! $last =~ $text ]]; then
    cat "$scratch/output" >&2
    fail "$(basename "$1") ended with exit code $code (not $wanted) and '$last' (not '$text')"
  fi
}

# serve NAME OPTION...: the stand-in node; its address is then in $address.
serve() {
  local name=$1
  shift
  start "$name" "$peerctl" serve "$@"
  await "$name" '^listening on '
  address=${line#listening on }
}

# connect NAME ADDRESS: a TCP connection as a program of its own would have it; `await NAME` reads its lines.
connect() {
  local name=$1 descriptor
  exec {descriptor}<>"/dev/tcp/${2%:*}/${2##*:}"
  output[$name]=$descriptor
}

# say NAME LINE: sends a line on a connection.
say() { echo "$2" >&"${output[$1]}"; }

# hang_up NAME
hang_up() {
  local descriptor=${output[$1]}
  exec {descriptor}>&-
  unset "output[$1]"
}

echo "new-outbound-peer"
expect 0 '^outbound: received version$' "$examples/new-outbound-peer"
[ "$(cat "$scratch/output")" = "outbound: received version" ] || fail "new-outbound-peer printed more than its line"

echo "connect-and-print"
serve node --network $network --blocks 4500 --block-size 1000
node=$address
expect 0 '^verack' "$examples/connect-and-print" "$node" --network $network --count 3
expect 2 '^usage: ' "$examples/connect-and-print"
expect 1 'error: cannot connect' "$examples/connect-and-print" 127.0.0.1:1
start watcher "$examples/connect-and-print" "$node" --network $network
await watcher '^verack'
finish watcher

echo "spv-headers"
expect 0 '^tip [0-9a-f]{64} at height 4500$' \
  "$examples/spv-headers" "$node" --network $network --no-proof-of-work
expect 1 'has no proof of work$' "$examples/spv-headers" "$node" --network $network
# Block 1 of the main network, which has its proof of work.
block=010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe680e1fee14677ba1a3c3540b\
f7b1cdb606e857233e0e61bc6649ffff001d01e362990101000000010000000000000000000000000000000000000000000000000000000000000000ff\
ffffff0704ffff001d0104ffffffff0100f2052a0100000043410496b538e853519c726a2c91e61ec11600ae1390813a627c66fb8be7947be63c52da75\
89379515d4e0a604f8141781e62294721166bf621e73a82cbf2342c858eeac00000000
printf '%b' "$(sed 's/../\\x&/g' <<<"$block")" >"$scratch/block-1"
serve mainnet --network mainnet --block-file "$scratch/block-1"
expect 0 '^tip 00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048 at height 1$' \
  "$examples/spv-headers" "$address" --network mainnet

echo "relay-node"
start relay "$examples/relay-node" 127.0.0.1:0 --network $network
await relay '^listening on '
relay=${line#listening on }
start listener "$examples/connect-and-print" "$relay" --network $network
await listener '^verack'
# The coinbase of the block above is as good a transaction as any: nobody validates it.
start sender "$examples/relay-node" 127.0.0.1:0 --network $network --connect "$relay" --send "${block:162}"
id=0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098
await sender "^relaying $id$"
await relay "^relaying $id$"
await listener '^inv 1 tx'
finish sender
await relay '^left: '
finish listener
finish relay

echo "bridge"
start bridge "$examples/bridge" 127.0.0.1:0 "$node" --network $network
await bridge '^listening on '
bridge=${line#listening on }
# Everything the node has comes through the bridge, and so does what is asked of it.
expect 0 '^tip [0-9a-f]{64} at height 4500$' \
  "$examples/spv-headers" "$bridge" --network $network --no-proof-of-work
finish bridge

echo "echo-server"
start echo "$examples/echo-server" 127.0.0.1:0
await echo '^listening on '
echo=${line#listening on }
connect talker "$echo"
say talker "hello"
await talker '^hello$'
hang_up talker
expect 0 '^usage: echo-server ADDRESS:PORT$' "$examples/echo-server" --help
expect 2 "error: '127.0.0.1' is not HOST:PORT" "$examples/echo-server" 127.0.0.1
expect 1 'error: bind: Address already in use$' "$examples/chat-server" "$echo"

echo "tcp-proxy"
start proxy "$examples/tcp-proxy" 127.0.0.1:0 "$echo"
await proxy '^listening on '
proxy=${line#listening on }
connect talker "$proxy"
say talker "through the proxy"
await talker '^through the proxy$'
hang_up talker
# A whole protocol: headers, thousands of them, over a proxy of its own.
start node-proxy "$examples/tcp-proxy" 127.0.0.1:0 "$node"
await node-proxy '^listening on '
expect 0 '^tip [0-9a-f]{64} at height 4500$' \
  "$examples/spv-headers" "${line#listening on }" --network $network --no-proof-of-work
finish node-proxy
if command -v python3 >/dev/null; then
  timeout "$lifetime" python3 "$(dirname "$0")/check-streams.py" "$examples" "$proxy" || fail "check-streams.py"
else
  echo "skipped: streams that end half and readers that stop, which take python3"
fi
finish proxy
finish echo

echo "chat-server"
start chat "$examples/chat-server" 127.0.0.1:0
await chat '^listening on '
chat=${line#listening on }
connect alice "$chat"
say alice "alice"
connect bob "$chat"
say bob "bob"
await alice '^\* bob joined$'
say alice "hello, bob"
await bob '^alice: hello, bob$'
say bob $'a line\nand another'
await alice '^bob: a line$'
await alice '^bob: and another$'
hang_up bob
await alice '^\* bob left: '
# Who does not read is not kept waiting for: 20 MB are more than the kernel and the server hold for a guest.
connect mute "$chat"
say mute "mute"
await alice '^\* mute joined$'
head -c 20000000 < <(yes "$(printf 'x%.0s' {1..900})") >&"${output[alice]}"
await alice '^\* mute left: more was written than may wait$'
hang_up mute
hang_up alice
finish chat

finish node
finish mainnet
echo "every example does what it says"
