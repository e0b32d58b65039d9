"""The rows of messages a second and of connections: all servers at once, driven in turn."""

import contextlib
import time

from children import Failed
from report import Result
from servers import NAMES

CPU = "server_cpu_ns_per_operation"


def rotated(names, round_number):
    """Another is first in each round, so that none always follows the same one."""
    shift = round_number % len(names)
    return names[shift:] + names[:shift]


def in_rounds(options, programs, kind, arguments, run, rounds=None):
    """The samples of each server, by its name: `run(server)` makes one. All run at once, and are driven in turn."""
    samples = {name: [] for name in programs.names}
    with contextlib.ExitStack() as stack:
        running = {name: stack.enter_context(programs.server(name, kind, *arguments)) for name in programs.names}
        for number in range(rounds or options.rounds):
            for name in rotated(programs.names, number):
                samples[name].append(run(running[name]))
        for server in running.values():
            server.stop()
    return samples


def picked(samples, value):
    """One quantity of each sample."""
    pick = value if callable(value) else lambda sample: sample[value]
    return {name: [pick(sample) for sample in of_name] for name, of_name in samples.items()}


def loaded(options, programs, kind, **arguments):
    """The samples of a load that keeps a window of messages in flight."""
    return in_rounds(options, programs, kind, [], lambda server: programs.measure(
        server, options.warmup + options.seconds, kind, warmup_ms=round(options.warmup * 1000),
        duration_ms=round(options.seconds * 1000), **arguments))


def messages(key, name, kind, ratios, **arguments):
    def row(options, programs):
        samples = loaded(options, programs, kind, **arguments)
        yield Result(key, f"{name}: server CPU each", "ns", picked(samples, CPU), ratios)
        yield Result(key, f"{name}: a second", "", picked(samples, "operations_per_second"))
    return kind, row


def one(options, programs):
    samples = loaded(options, programs, "echo", connections=1, window=1, size=32)
    yield Result("one", "one connection x 1: p50", "us", picked(samples, "p50_us"), {"c": "<= 1.1"})
    yield Result("one", "one connection x 1: p99", "us", picked(samples, "p99_us"))


def large(options, programs):
    samples = loaded(options, programs, "echo", connections=16, window=4, size=65536)
    speed = picked(samples, lambda sample: sample["operations_per_second"] * 65536 / 1e6)
    yield Result("large", "64 KiB messages, 16 x 4: each way", "MB/s", speed, {"c": ">= 0.95"})
    yield Result("large", "64 KiB messages, 16 x 4: server CPU each", "ns", picked(samples, CPU), {"c": "<= 1.05"})


# A storm is over in less than half a second; the median of several is a round's.
STORMS = 3


def storm(options, programs):
    def run(server):
        samples = []
        for _ in range(STORMS):
            samples.append(programs.measure(server, 60, "connect", connections=options.held, window=1000))
            # The closing of these connections is no part of the next storm.
            server.settle()
        return sorted(samples, key=lambda sample: sample["server_cpu_ns_per_connection"])[STORMS // 2]

    samples = in_rounds(options, programs, "echo", [], run)
    name = f"connect storm, {options.held:,}"
    yield Result("storm", f"{name}: server CPU each", "ns", picked(samples, "server_cpu_ns_per_connection"),
                 {"c": "<= 1.15"})
    yield Result("storm", f"{name}: a second", "", picked(samples, "connections_per_second"), {"c": ">= 0.87"})


def open_model(options, programs):
    """Latency from when a message was due, first without and then with a flood beside it, in each run."""
    samples = in_rounds(options, programs, "echo", ["--discard"], lambda server: programs.measure(
        server, 2 * (options.warmup + options.seconds), "open", connections=1000, rate=2000, flood=500,
        warmup_ms=round(options.warmup * 1000), duration_ms=round(options.seconds * 1000)))
    figures = {"p50_us": "p50", "p99_us": "p99", "p999_us": "p99.9", "late_p99_us": "p99 of the client's part"}
    for phase in ("quiet", "flood"):
        for figure, name in figures.items():
            yield Result("open", f"2,000/s over 1,000, {phase}: {name}", "us",
                         picked(samples, lambda sample: sample[phase][figure]), is_compared=False)
    yield Result("open", "the flood, of 500 MB/s", "MB/s",
                 picked(samples, lambda sample: sample["flood"]["flood_mb_per_s"]), is_compared=False)
    yield Result("open", "p99 in the flood less p99 without it", "us",
                 picked(samples, lambda sample: sample["flood"]["p99_us"] - sample["quiet"]["p99_us"]),
                 target="<= 2000", is_compared=False)


def allocations(options, programs):
    """Heap blocks for one message, once everything has grown to its size.

    One message at a time shows what a turn of the loop takes, many at once what a read and a message do.
    """
    seconds = min(options.seconds, 3)
    for kind, name, connections, window, size in (
            ("echo", "raw echo", 1, 1, 32), ("echo", "raw echo", 64, 16, 32), ("echo", "64 KiB echo", 16, 4, 65536),
            ("ping", "framed ping", 1, 1, 32), ("ping", "framed ping", 64, 16, 32)):
        values = {}
        for server_name in programs.names:
            with programs.counted_server(server_name, kind) as (server, file):
                sample = programs.measure(
                    server, 1 + seconds, kind, connections=connections, window=window, size=size, allocations=file,
                    warmup_ms=1000, duration_ms=round(seconds * 1000))
            values[server_name] = [sample["allocations"] / sample["operations"]]
        # One in a thousand messages is not for a message.
        yield Result("allocations", f"allocations a message: {name} {connections:,} x {window}", "", values,
                     target="<= 0.001", is_compared=False)


def held_client(options, programs, server, **arguments):
    return programs.client_of(server, "hold", connections=options.held, **arguments)


def memory(options, programs):
    """Resident bytes of the server for each of the connections that it holds."""
    idle, used = {}, {}
    for name in programs.names:
        with programs.server(name, "echo") as server:
            # So that what the first connection costs once is not counted.
            with programs.client_of(server, "hold", connections=1) as first:
                said(first, "open", 30), said(first, "message", 30)
            before = server.resident_bytes()
            with held_client(options, programs, server) as client:
                said(client, "open", 120)
                idle[name] = [(server.resident_bytes() - before) / options.held]
                said(client, "message", 120)
                used[name] = [(server.resident_bytes() - before) / options.held]
            server.stop()
    of = f"of {options.held:,} idle connections"
    yield Result("memory", f"resident bytes, each {of}", "B", idle, target="<= 512", is_compared=False)
    yield Result("memory", "the same, after one message each", "B", used, target="<= 512", is_compared=False)


def said(client, command, seconds):
    client.tell(command)
    event = client.object(seconds)
    if event["event"] != command:
        raise Failed(f"{client.name} said {event} to '{command}'")


def burst(options, programs):
    """What stays resident after every connection has moved a megabyte, beside what was when all were idle."""
    idle, at_once, later, ratio = {}, {}, {}, {}
    for name in [name for name in programs.names if name in options.burst_servers]:
        with programs.server(name, "echo") as server:
            with held_client(options, programs, server, burst=1_000_000) as client:
                said(client, "open", 120)
                before = server.resident_bytes()
                said(client, "burst", 300)
                peak = server.resident_bytes()
                time.sleep(options.burst_wait)
                after = server.resident_bytes()
            server.stop()
        idle[name], at_once[name], later[name] = [before / 1e6], [peak / 1e6], [after / 1e6]
        ratio[name] = [after / before]
    of = f"resident, {options.held:,} connections"
    yield Result("burst", f"{of}: idle", "MB", idle, is_compared=False)
    yield Result("burst", "after 1 MB moved on each", "MB", at_once, is_compared=False)
    yield Result("burst", f"{options.burst_wait:g} s later", "MB", later, is_compared=False)
    yield Result("burst", f"{options.burst_wait:g} s later, beside idle", "x", ratio, target="<= 2", is_compared=False)


# By key: what kinds of server it takes, and what yields its results.
ROWS = {
    "echo-64x16": messages("echo-64x16", "raw echo 64 x 16 x 32 B", "echo", {"c": "<= 1.1", "nio": "<= 0.85"},
                           connections=64, window=16, size=32),
    "echo-1000x1": messages("echo-1000x1", "raw echo 1,000 x 1 x 32 B", "echo", {"c": "<= 1.1", "nio": "<= 0.75"},
                            connections=1000, window=1, size=32),
    "ping-64x16": messages("ping-64x16", "framed ping 64 x 16", "ping", {"c": "<= 1.2", "nio": "<= 0.4"},
                           connections=64, window=16),
    "one": ("echo", one),
    "storm": ("echo", storm),
    "large": ("echo", large),
    "memory": ("echo", memory),
    "allocations": ("both", allocations),
    "open": ("echo", open_model),
    "burst": ("echo", burst),
}
