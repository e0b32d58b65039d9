#!/usr/bin/env python3
"""Measures `peerctl serve` against PeerKit's targets, with the server on one processor and its clients on another.

Prints one table and writes the same as JSON. Exit status 0 when every target is met, 1 when one is missed or a process
fails, 2 when a program is not there, 130 on Ctrl-C. What rivals reach is printed for comparison; it was measured on
another day and is no part of this run.
"""

import argparse
import json
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True  # Nothing that is built belongs beside the sources.
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))

# pylint: disable=wrong-import-position
import children
import harness
import rows

SWIFT_BUILT = harness.HERE.parent / ".build" / "release"
PEERCTL = harness.PACKAGE / ".build" / "release" / "peerctl"


def parse_arguments():
    listing = "\n".join(f"  {name:<14} {about}" for name, (_, about) in rows.ROWS.items())
    parser = argparse.ArgumentParser(
        description=__doc__ + "\nrows:\n" + listing, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(rows.ROWS), metavar="NAME,...")
    parser.add_argument("--quick", action="store_true", help="one short round of each: to see that it works")
    parser.add_argument("--rounds", type=int, help="5; the table shows their median, and the least and the most")
    parser.add_argument("--seconds", type=float, help="of each round; 3, and at least 10 of inv and latency")
    parser.add_argument("--idle-seconds", type=float, help="how long idle peers are watched; 150")
    parser.add_argument("--minutes", type=float, help="of the row 'steady'; 10")
    parser.add_argument("--peers", type=int, help="of 'peers' and 'steady', instead of 9,000 and 19,000")
    parser.add_argument("--server-cpu", type=int, help="the last one")
    parser.add_argument("--client-cpu", type=int, help="the first one")
    parser.add_argument("--no-pin", action="store_true", help="any process on any processor")
    parser.add_argument("--peerctl", type=pathlib.Path, default=PEERCTL, metavar="PATH")
    parser.add_argument("--client", type=pathlib.Path, default=harness.BUILT / "peer_client", metavar="PATH")
    parser.add_argument("--receiver", type=pathlib.Path, default=SWIFT_BUILT / "bench-peer-receiver", metavar="PATH")
    parser.add_argument("--ping-server", type=pathlib.Path, default=harness.BUILT / "ping_server", metavar="PATH")
    parser.add_argument("--output", type=pathlib.Path, default=harness.BUILT / "bench-peer.json", metavar="PATH")
    options = parser.parse_args()
    # Given, quick, otherwise.
    for name, quick, usual in [("rounds", 1, 5), ("seconds", 1, 3), ("idle_seconds", 5, 150), ("minutes", 0.5, 10)]:
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else usual)
        if getattr(options, name) <= 0:
            parser.error(f"--{name.replace('_', '-')} must be positive")
    options.rows = options.rows.split(",")
    unknown = set(options.rows) - set(rows.ROWS)
    if unknown:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}; there are {', '.join(rows.ROWS)}")
    return options


def shown(value):
    """Four digits, or a whole number."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def line(result):
    verdict = {None: "", True: "ok", False: "SHORT"}[result.ok]
    spread = f"({shown(min(result.values))} .. {shown(max(result.values))})" if len(result.values) > 1 else ""
    target = f"{result.target.split()[0]} {shown(float(result.target.split()[1]))}" if result.target else ""
    return (f"{result.name:<52} {shown(result.value):>12} {result.unit:<5} {spread:<22} {target:<13} {verdict:<6} "
            f"{result.rivals}").rstrip()


def write(options, results):
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps({
        "version": 1, "quick": options.quick, "rounds": options.rounds, "seconds": options.seconds,
        "rows": [{
            "row": result.row, "name": result.name, "value": result.value, "unit": result.unit,
            "values": result.values, "target": result.target or None, "ok": result.ok, "rivals": result.rivals or None,
            **({"samples": result.samples} if result.samples else {}),
        } for result in results]}) + "\n")


def measure(options, programs, results, failures):
    print(f"{'':<52} {'median':>12} {'':<5} {'(least .. most)':<22} {'target':<13} {'':<6} rivals", flush=True)
    for name in options.rows:
        try:
            for result in rows.ROWS[name][0](options, programs):
                results.append(result)
                print(line(result), flush=True)
        except children.Failed as failed:
            # The other rows are worth having all the same.
            print(f"{name}: {failed}", file=sys.stderr)
            failures.append(name)


def main():
    options = parse_arguments()
    children.Interrupts.watch()
    programs = harness.Programs(options)
    results, failures, status = [], [], 0
    begin = time.monotonic()
    try:
        programs.require("peerctl", "client")
        where = (f"server on processor {programs.server_cpu}, clients on {programs.client_cpu}" if programs.is_pinned
                 else "on any processor: there is but one, or so it was asked")
        print(f"{options.rounds} rounds of {options.seconds:g} s; {where}")
        if os.getloadavg()[0] > 0.5:
            print(f"note: the machine is busy (load {os.getloadavg()[0]:.1f}); the figures will scatter")
        measure(options, programs, results, failures)
    except children.Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench-peer: interrupted", file=sys.stderr)
        status = 130
    if results:
        write(options, results)
        short = sum(result.ok is False for result in results)
        met = sum(result.ok is True for result in results)
        failed = f", failed: {', '.join(failures)}" if failures else ""
        print(f"{met} targets met, {short} short{failed}, in {time.monotonic() - begin:.0f} s; {options.output}")
    return status or int(bool(failures) or any(result.ok is False for result in results))


if __name__ == "__main__":
    sys.exit(main())
