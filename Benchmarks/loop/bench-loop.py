#!/usr/bin/env python3
"""Compares PeerLoop's servers with the C ones, in server processor time per operation.

Both servers of a row run at once and are driven in turn, so that both see the same machine; each ratio is that of one
round, and the row's value is the ratio of the medians. Exit status 1 when a target is missed, 2 when something needed
is missing.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent
BUILT = PACKAGE / ".build" / "bench"
SWIFT_BUILT = HERE.parent / ".build" / "release"

CPU = ("server_cpu_ns_per_operation", "ns")
P50 = ("p50_us", "us")
STORM = ("server_cpu_ns_per_connection", "ns")

# key, name, kind of server, arguments of the client, what is compared, the most the ratio may be
ROWS = [
    ("echo-64x16", "raw echo 64 x 16 x 32 B", "echo", "--mode echo --connections 64 --window 16 --size 32", CPU, 1.1),
    ("echo-1000x1", "raw echo 1,000 x 1 x 32 B", "echo", "--mode echo --connections 1000 --window 1 --size 32", CPU, 1.1),
    ("ping-64x16", "framed ping 64 x 16", "ping", "--mode ping --connections 64 --window 16", CPU, 1.2),
    ("one-p50", "one connection x 1, p50", "echo", "--mode echo --connections 1 --window 1 --size 32", P50, 1.1),
    ("storm", "connect storm, 5,000", "echo", "--mode connect --connections 5000 --window 1000", STORM, 1.15),
]
DEFAULT_ROWS = [row[0] for row in ROWS if row[0] != "storm"]


class Missing(Exception):
    """Something needed is not there."""


class Failed(Exception):
    """A server or the client did not do what it must."""


def parse_arguments():
    environment = os.environ.get
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=environment("BENCH_ROUNDS", "7"), help="or BENCH_ROUNDS; 7")
    parser.add_argument(
        "--seconds", type=float, default=environment("BENCH_SECONDS", "3"), help="per round; or BENCH_SECONDS; 3")
    parser.add_argument("--warmup", type=float, default=0.5, help="seconds before each measurement; 0.5")
    parser.add_argument("--rows", default=",".join(DEFAULT_ROWS), help="of: " + ", ".join(row[0] for row in ROWS))
    parser.add_argument("--server-cpu", type=int, default=1)
    parser.add_argument("--client-cpu", type=int, default=0)
    parser.add_argument("--baseline-echo", default=BUILT / "echo_server", metavar="PATH")
    parser.add_argument("--baseline-ping", default=BUILT / "ping_server", metavar="PATH")
    parser.add_argument("--echo", default=SWIFT_BUILT / "loop-echo", metavar="PATH", help="held against the baseline")
    parser.add_argument("--ping", default=SWIFT_BUILT / "loop-ping", metavar="PATH", help="held against the baseline")
    parser.add_argument("--client", default=BUILT / "load_client", metavar="PATH")
    parser.add_argument("--output", default=BUILT / "bench-loop.json", type=pathlib.Path, metavar="PATH")
    options = parser.parse_args()
    wanted = options.rows.split(",")
    unknown = set(wanted) - {row[0] for row in ROWS}
    if unknown or options.rounds < 1 or options.seconds <= 0:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}" if unknown else "rounds and seconds must be positive")
    options.rows = [row for row in ROWS if row[0] in wanted]
    return options


def require_programs(options):
    needed = [options.client]
    kinds = {row[2] for row in options.rows}
    if "echo" in kinds:
        needed += [options.baseline_echo, options.echo]
    if "ping" in kinds:
        needed += [options.baseline_ping, options.ping]
    absent = [str(path) for path in needed if not os.access(path, os.X_OK)]
    if shutil.which("taskset") is None:
        absent.append("taskset (util-linux)")
    if absent:
        raise Missing(
            f"bench-loop: not there: {', '.join(absent)} "
            f"(build with: make -C {HERE.relative_to(PACKAGE)}; swift build -c release --package-path Benchmarks)")


def warn_if_busy():
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"note: the machine is busy (load {load:.1f}); the ratios will scatter")


@contextlib.contextmanager
def serving(path, cpu):
    """A running server, as its process and HOST:PORT."""
    process = subprocess.Popen(
        ["taskset", "-c", str(cpu), str(path), "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        first = process.stdout.readline().strip()
        prefix = "listening on "
        if not first.startswith(prefix):
            raise Failed(f"bench-loop: {path} did not say where it listens but '{first}'")
        yield process, first[len(prefix):]
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = "no answer to SIGTERM"
        if status != 0:
            print(f"bench-loop: {path} ended with {status}", file=sys.stderr)


def measure(options, server, arguments, metric):
    process, target = server
    command = [
        str(options.client), "--target", target, "--server-pid", str(process.pid), "--cpu", str(options.client_cpu),
        "--warmup-ms", str(round(options.warmup * 1000)), "--duration-ms", str(round(options.seconds * 1000)),
    ] + arguments.split()
    limit = options.warmup + options.seconds + 60
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=limit, check=False)
    if finished.returncode != 0:
        raise Failed(f"bench-loop: the client found fault with {process.args[3]}")
    return json.loads(finished.stdout)[metric]


def run_row(options, row):
    _, name, kind, arguments, (metric, unit), target = row
    baseline_path = getattr(options, f"baseline_{kind}")
    subject_path = getattr(options, kind)
    baseline, subject = [], []
    with serving(baseline_path, options.server_cpu) as one, serving(subject_path, options.server_cpu) as other:
        for _ in range(options.rounds):
            baseline.append(measure(options, one, arguments, metric))
            subject.append(measure(options, other, arguments, metric))
    ratios = [b / a for a, b in zip(baseline, subject)]
    ratio = statistics.median(subject) / statistics.median(baseline)
    print(
        f"{name:<26} {statistics.median(baseline):>10.1f} {statistics.median(subject):>10.1f} {unit}"
        f"  {ratio:>6.3f}  ({min(ratios):.3f} .. {max(ratios):.3f})  <= {target:<5} {'ok' if ratio <= target else 'MISSED'}",
        flush=True)
    return {"name": f"{name}, ratio to C", "value": round(ratio, 4), "unit": "ratio", "target": target,
            "ok": ratio <= target}


def main():
    options = parse_arguments()
    try:
        require_programs(options)
        print(f"{options.rounds} rounds of {options.seconds:g} s, server on processor {options.server_cpu}, "
              f"client on {options.client_cpu}; medians")
        warn_if_busy()
        print(f"{'':<26} {'C':>10} {'PeerLoop':>10}     {'ratio':>6}  (least .. most)   target")
        results = [run_row(options, row) for row in options.rows]
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=2) + "\n")
    return 0 if all(result["ok"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
