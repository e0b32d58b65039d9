#!/usr/bin/env python3
"""Compares PeerLoop's servers with those of C, libuv and SwiftNIO, driven in turn by the same client.

Server on one processor, client on another. The value of a row is the ratio of the medians over all rounds, mostly of
server processor time per operation, and beside it stands the 90 % interval of that ratio. A target is missed only where
the whole interval is on its wrong side.

Exit status 0 when no target is missed, 1 when one is or a server misbehaves, 2 when something needed is not there, 130
on Ctrl-C. The servers of libuv and SwiftNIO are not needed: without them there is a message.
"""

import argparse
import math
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True  # Nothing that is built belongs beside the sources.
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))

# pylint: disable=wrong-import-position
import children
import programs as own_programs
import report
import rows
import servers

ROWS = {**rows.ROWS, **own_programs.ROWS}


def nearest(path):
    """The folder, or the first above it that is there."""
    return path if path.exists() else nearest(path.parent)


def parse_arguments():
    environment = os.environ.get
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=environment("BENCH_ROUNDS", "7"), help="or BENCH_ROUNDS; 7")
    parser.add_argument(
        "--seconds", type=float, default=environment("BENCH_SECONDS", "5"), help="of each; or BENCH_SECONDS; 5")
    parser.add_argument("--warmup", type=float, default=0.5, help="seconds before each measurement; 0.5")
    parser.add_argument("--rows", default=environment("BENCH_ROWS", ",".join(ROWS)), metavar="NAME,...",
                        help=f"or BENCH_ROWS; of: {', '.join(ROWS)}")
    parser.add_argument("--servers", default=",".join(servers.NAMES), metavar="NAME,...",
                        help=f"of: {', '.join(servers.NAMES)}")
    parser.add_argument("--held", type=int, default=9000, help="connections of storm, memory and burst; 9,000")
    parser.add_argument("--burst-wait", type=float, default=environment("BENCH_BURST_WAIT", "60"),
                        help="seconds after the burst; or BENCH_BURST_WAIT; 60")
    parser.add_argument("--burst-servers", default="c,peerloop", metavar="NAME,...", help="c,peerloop")
    parser.add_argument("--server-cpu", type=int, help="the last processor")
    parser.add_argument("--client-cpu", type=int, help="the first processor")
    for name, path, help_text in (
            ("baseline-echo", servers.BUILT / "echo_server", "instead of C's"),
            ("baseline-ping", servers.BUILT / "ping_server", "instead of C's"),
            ("echo", servers.SWIFT_BUILT / "loop-echo", "instead of PeerLoop's"),
            ("ping", servers.SWIFT_BUILT / "loop-ping", "instead of PeerLoop's"),
            ("client", servers.BUILT / "load_client", None)):
        parser.add_argument(f"--{name}", default=path, metavar="PATH", help=help_text)
    parser.add_argument("--output", default=servers.BUILT / "bench-loop.json", type=pathlib.Path, metavar="PATH")
    options = parser.parse_args()
    for name, known in (("rows", ROWS), ("servers", servers.NAMES), ("burst_servers", servers.NAMES)):
        wanted = getattr(options, name).split(",")
        unknown = sorted(set(wanted) - set(known))
        if "" in unknown:
            parser.error(f"--{name.replace('_', '-')} wants names with commas between them, of: {', '.join(known)}")
        if unknown:
            parser.error(f"no such {name.replace('_', '-')}: {', '.join(unknown)}; there are {', '.join(known)}")
        setattr(options, name, [one for one in known if one in wanted])
    if options.rounds < 1 or options.seconds <= 0 or options.held < 1 or options.burst_wait < 0 or options.warmup < 0:
        parser.error("rounds, seconds and held must be positive, and no wait negative")
    if not all(math.isfinite(seconds) for seconds in (options.seconds, options.warmup, options.burst_wait)):
        parser.error("a time must be a number of seconds")
    for cpu in (options.server_cpu, options.client_cpu):
        if cpu is not None and cpu not in os.sched_getaffinity(0):
            parser.error(f"there is no processor {cpu} here")
    # Before half an hour of measurements has nowhere to go.
    if options.output.is_dir() or not os.access(nearest(options.output.parent), os.W_OK):
        parser.error(f"cannot write to {options.output}")
    if "peerloop" not in options.servers:
        parser.error("there is nothing to compare without peerloop among the servers")
    return options


def measure(options, programs, results, failures):
    print(report.HEADER, flush=True)
    for name in options.rows:
        try:
            for result in ROWS[name][1](options, programs):
                results.append(result)
                print("\n".join(result.lines()), flush=True)
        except children.Failed as failed:
            # The other rows are worth having all the same.
            print(f"bench-loop: row {name}: {failed}", file=sys.stderr)
            failures.append(name)


def say_how(options, programs):
    where = f"server on processor {programs.server_cpu}, client on {programs.client_cpu}"
    if programs.server_cpu == programs.client_cpu:
        where += ", which is the same: ratios only say something of one processor's time"
    print(f"{options.rounds} rounds of {options.seconds:g} s; {where}; medians")
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"note: the machine is busy (load {load:.1f}); the ratios will scatter")


def main():
    options = parse_arguments()
    children.Interrupts.watch()
    programs = servers.Programs(options)
    kinds = {kind for name in options.rows for kind in {"both": ["echo", "ping"], None: []}.get(
        ROWS[name][0], [ROWS[name][0]])}
    results, failures, status, begin = [], [], 0, time.monotonic()
    try:
        programs.require(kinds)
        say_how(options, programs)
        measure(options, programs, results, failures)
    except children.Missing as missing:
        print(f"bench-loop: {missing}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench-loop: interrupted", file=sys.stderr)
        status = 130
    if results:
        report.write(options.output, options, results, failures)
    verdicts = [verdict for result in results for verdict in result.verdicts()]
    missed = verdicts.count("MISSED")
    failed = f", failed: {', '.join(failures)}" if failures else ""
    print(f"{len(verdicts) - missed} targets met, {missed} missed{failed}, in {time.monotonic() - begin:.0f} s"
          + (f"; {options.output}" if results else ""))
    return status or int(bool(failures) or missed > 0)


if __name__ == "__main__":
    sys.exit(main())
