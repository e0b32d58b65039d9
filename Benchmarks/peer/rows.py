"""What is measured, row by row. Each function yields results, in the order of the table."""

import dataclasses
import resource
import statistics
import time

from children import Failed, Process
from harness import Client, Server

MEGABYTE = 1_000_000


@dataclasses.dataclass
class Result:
    row: str
    name: str
    values: list
    unit: str
    # "<= 45" and the like; empty for a figure that is only told.
    target: str = ""
    # What the Go package and Bitcoin Cash Node reach, as measured on one machine before.
    rivals: str = ""
    # Only in the JSON: what a figure came from.
    samples: list = dataclasses.field(default_factory=list)

    @property
    def value(self):
        return statistics.median(self.values)

    @property
    def ok(self):
        if not self.target:
            return None
        relation, bound = self.target.split()
        bound = float(bound.replace(",", ""))
        return {"<=": self.value <= bound, ">=": self.value >= bound, "==": self.value == bound}[relation]


def client_arguments(options, **arguments):
    return {"duration_ms": round(options.seconds * 1000), "source_ips": 16, **arguments}


def allowed_peers(wanted):
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200)


# 9,000 peers: handshakes, memory, idleness

def peers(options, programs):
    count = allowed_peers(9_000 if options.peers is None else options.peers)
    cpu, rate, resident, cores = [], [], [], []
    for number in range(options.rounds):
        # Every round meets a server without a history; only the last one waits to see it idle.
        idle = options.idle_seconds if number == options.rounds - 1 else 0.1
        with Server(programs) as server:
            before = server.resident_bytes()
            arguments = client_arguments(
                options, peers=count, settle_ms=1500, warmup_ms=0, duration_ms=round(idle * 1000))
            with Client(programs, server, "idle", **arguments) as client:
                connected = client.connected()
                time.sleep(0.5)
                resident.append((server.resident_bytes() - before) / count)
                client.measuring()
                done = client.done()
        cpu.append(connected["server_cpu_ns_per_handshake"] / 1000)
        rate.append(connected["peers"] / connected["seconds"])
    cores.append(done["server_cpu_ns"] / 1e9 / done["seconds"])
    yield Result("peers", "peers that answered at the end", [done["answered"]], "", f"== {count}")
    yield Result("peers", "resident bytes per idle peer", resident, "B", "<= 1500", "bchd 26,200; BCHN 575,000")
    yield Result("peers", f"CPU while idle for {options.idle_seconds:g} s", cores, "core", "<= 0.005",
                 "bchd 0.60; BCHN 0.99")
    yield Result("peers", "server CPU per handshake", cpu, "us", "<= 45", "bchd 190-210; BCHN 35,400")
    yield Result("peers", "handshakes a second", rate, "/s", "", "bchd 4,200-7,900; BCHN 28 (target: 3x bchd)")


# Pings

def ping(row, count, window, target, p50_target, rivals):
    def measure(options, programs):
        rounds = []
        with Server(programs) as server:
            for _ in range(options.rounds):
                arguments = client_arguments(options, peers=count, window=window)
                with Client(programs, server, "ping", **arguments) as client:
                    rounds.append(client.result()[1])
        name = f"ping {count:,} x {window}"
        yield Result(row, f"{name}: server CPU each", [r["server_cpu_ns"] / r["pongs"] / 1000 for r in rounds], "us",
                     target, rivals[0])
        yield Result(row, f"{name}: rate", [r["pongs"] / r["seconds"] for r in rounds], "/s", "", rivals[1])
        yield Result(row, f"{name}: p50", [r["p50_us"] for r in rounds], "us", p50_target, rivals[2])
        yield Result(row, f"{name}: p99", [r["p99_us"] for r in rounds], "us")
    return measure


def lone_ping(options, programs):
    programs.require("ping_server")
    ours, plain = [], []
    arguments = client_arguments(options, peers=1, source_ips=0)
    command = [programs.ping_server, "--port", 0]
    with Server(programs) as server, Process(command, "ping_server", cpu=programs.server_cpu) as other:
        # In turn, so that both see the same machine.
        other.target = other.line(10).removeprefix("listening on ")
        for _ in range(options.rounds):
            with Client(programs, server, "ping", **arguments) as client:
                ours.append(client.result()[1]["p50_us"])
            with Client(programs, other, "ping", no_handshake=True, **arguments) as client:
                plain.append(client.result()[1]["p50_us"])
    yield Result("ping-1x1", "ping 1 x 1: p50", ours, "us", "", "bchd 98-138; BCHN 105")
    yield Result("ping-1x1", "ping 1 x 1: p50 of a bare C epoll server", plain, "us")
    yield Result("ping-1x1", "ping 1 x 1: p50, ratio to C", [a / b for a, b in zip(ours, plain)], "x", "<= 1.1")


# Inventory

def announced(options, programs, rate):
    seconds = max(options.seconds, 1 if options.quick else 10)
    with Server(programs, "--announce-rate", rate, "--announce-batch", 200) as server:
        before = server.resident_bytes()
        arguments = client_arguments(
            options, peers=1_000, warmup_items=2_000, warmup_ms=1000, duration_ms=round(seconds * 1000))
        with Client(programs, server, "read", **arguments) as client:
            client.connected()
            client.measuring()
            resident = (server.resident_bytes() - before) / 1_000
            return client.done(), resident


def inventory(options, programs):
    # A batch waits 50 ms to be sent; this rate makes one each 56 ms, so that each inv has one.
    rounds = [announced(options, programs, 3_600) for _ in range(max(1, options.rounds // 2))]
    yield Result("inv", "inv to 1,000 peers: server CPU per delivery",
                 [done["server_cpu_ns"] / done["items"] / 1000 for done, _ in rounds], "us", "<= 0.2", "bchd 3.7")
    yield Result("inv", "items in each inv", [done["items"] / done["inventories"] for done, _ in rounds], "")
    yield Result("inv", "a peer with 2,000 known items", [resident for _, resident in rounds], "B", "<= 110000",
                 "bchd 500,000")
    rounds = [announced(options, programs, 50_000) for _ in range(max(1, options.rounds // 2))]
    yield Result("inv", "inv to 1,000 peers: deliveries at best",
                 [done["items"] / done["seconds"] for done, _ in rounds], "/s", ">= 4000000", "bchd 371,000")


# Blocks

def blocks(row, size, name, memory_target, rivals):
    def measure(options, programs):
        rates, peaks = [], []
        for _ in range(options.rounds):
            with Server(programs, "--blocks", 1, "--block-size", size) as server:
                arguments = client_arguments(options, peers=16, window=2, warmup_ms=1000)
                with Client(programs, server, "blocks", **arguments) as client:
                    done = client.result()[1]
                peaks.append(server.peak_bytes() / MEGABYTE)
            rates.append(done["received_bytes"] / done["seconds"] / MEGABYTE)
        yield Result(row, f"{name} block to 16 plain receivers", rates, "MB/s", ">= 1000", rivals[0])
        yield Result(row, f"{name} block to 16: server's peak resident", peaks, "MB", memory_target, rivals[1])
    return measure


def decoded(options, programs):
    programs.require("receiver")
    rates, peaks = [], []
    with Server(programs, "--blocks", 1, "--block-size", 32_000_000) as server:
        for _ in range(options.rounds):
            command = [programs.receiver, server.target, 2, 1, max(options.seconds, 1)]
            with Process(command, "receiver", cpu=programs.client_cpu) as receiver:
                done = receiver.event("done", options.seconds + 120)
            rates.append(done["block_bytes"] / done["seconds"] / MEGABYTE)
            peaks.append(done["peak_resident_bytes"] / MEGABYTE)
    yield Result("decoded", "32 MB block to one PeerKit receiver", rates, "MB/s", ">= 700", "bchd 128")
    yield Result("decoded", "its peak resident", peaks, "MB", "<= 110", "bchd 242")


# Latency under load

def latency(options, programs):
    p50, p99, p999, delay, fed = [], [], [], [], []
    seconds = options.seconds if options.quick else max(options.seconds, 10)
    for _ in range(max(1, options.rounds // 2)):
        with Server(programs, "--blocks", 1, "--block-size", 32_000_000, "--accept-blocks") as server:
            # The feeders share the client's processor with the pings, whose latency is not to be theirs.
            feeding = client_arguments(options, peers=4, duration_ms=round(seconds * 1000) + 300_000)
            pinging = client_arguments(
                options, peers=1_000, rate=2_000, warmup_ms=1000, duration_ms=round(seconds * 1000), urgent=True)
            with Client(programs, server, "feed", nice=10, **feeding) as feeder:
                feeder.connected()
                feeder.measuring()
                with Client(programs, server, "pace", **pinging) as client:
                    done = client.result()[1]
                feeder.stop()
                block_feed = feeder.done()
        if done["unanswered"]:
            raise Failed(f"{done['unanswered']} pings were not answered at all")
        p50.append(done["p50_us"] / 1000)
        p99.append(done["p99_us"] / 1000)
        p999.append(done["p999_us"] / 1000)
        delay.append(done["delay_p99_us"] / 1000)
        fed.append(block_feed["sent_bytes"] / block_feed["seconds"] / MEGABYTE)
    yield Result("latency", "pings while 4 peers send 32 MB blocks: p50", p50, "ms", "<= 1")
    yield Result("latency", "pings while 4 peers send 32 MB blocks: p99", p99, "ms", "<= 10")
    yield Result("latency", "pings while 4 peers send 32 MB blocks: p99.9", p999, "ms")
    yield Result("latency", "of it the client's own delay: p99", delay, "ms")
    yield Result("latency", "blocks taken meanwhile", fed, "MB/s")


# Many peers for long

def steady(options, programs):
    count = allowed_peers(19_000 if options.peers is None else options.peers)
    samples = []
    with Server(programs) as server:
        before = server.resident_bytes()
        seconds = options.minutes * 60
        # Each peer pings every five seconds, and announces thrice before it counts: a session grows to what it needs.
        period = 5 if options.quick else 20
        arguments = client_arguments(
            options, peers=count, rate=max(1, count // 5), inventory_rate=max(1, count // period),
            warmup_ms=period * 3000, duration_ms=round(seconds * 1000))
        with Client(programs, server, "pace", **arguments) as client:
            client.connected()
            client.measuring()
            end = time.monotonic() + seconds - 0.1
            while time.monotonic() < end:
                samples.append(server.resident_bytes())
                time.sleep(min(1, max(0, end - time.monotonic())))
            done = client.done()
    quarter = max(1, len(samples) // 4)
    first, last = statistics.median(samples[:quarter]), statistics.median(samples[-quarter:])
    yield Result("steady", "peers that answered at the end", [done["answered"]], "", f"== {count}")
    yield Result("steady", "pings not answered", [done["unanswered"]], "", "== 0")
    yield Result("steady", f"resident over {options.minutes:g} min: last quarter to first", [last / first], "x",
                 "<= 1.01", samples=samples)
    yield Result("steady", "resident bytes per peer in the last quarter", [(last - before) / count], "B")
    yield Result("steady", "server CPU", [done["server_cpu_ns"] / 1e9 / done["seconds"]], "core")
    yield Result("steady", "p99 of its pings", [done["p99_us"] / 1000], "ms")


# name: what measures it, and what it is
ROWS = {
    "peers": (peers, "9,000 peers: handshakes, memory, CPU while idle"),
    "ping-1x1": (lone_ping, "one ping at a time, beside a bare C epoll server"),
    "ping-64x16": (ping("ping-64x16", 64, 16, "<= 1.0", "", (
        "bchd 22.5; BCHN 25-27", "bchd 43-65 k/s; BCHN 37-53 k/s", "")), "pings, 64 peers, 16 in flight on each"),
    "ping-1000x1": (ping("ping-1000x1", 1_000, 1, "<= 9", "", ("bchd 34.6-37; BCHN 42", "", "")), "1,000 peers, one"),
    "ping-1000x16": (ping("ping-1000x16", 1_000, 16, "<= 1.2", "<= 30000", (
        "bchd 27.5-29; BCHN 37-41", "", "bchd 300-400 ms; BCHN 450-650 ms")), "1,000 peers, 16 in flight on each"),
    "inv": (inventory, "inventory announced to 1,000 peers"),
    "blocks-1m": (blocks("blocks-1m", 1_000_000, "1 MB", "", ("bchd 182", "")), "a 1 MB block to 16 receivers"),
    "blocks-32m": (blocks("blocks-32m", 32_000_000, "32 MB", "<= 150", ("bchd 102", "bchd 1,138")),
                   "a 32 MB block to 16 receivers"),
    "decoded": (decoded, "a 32 MB block to one receiver that decodes it"),
    "latency": (latency, "pings while blocks are received"),
    "steady": (steady, "19,000 peers for minutes: memory flat"),
}
