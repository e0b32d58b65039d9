"""The servers of a comparison, and the client that drives them."""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import time

from children import Failed, Missing, Process

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent
BUILT = PACKAGE / ".build" / "bench"
SWIFT_BUILT = HERE.parent / ".build" / "release"
NIO_BUILT = HERE.parent / "nio" / ".build" / "release"

# In the order in which they are shown. PeerLoop is held against the others.
NAMES = {"c": "C", "libuv": "libuv", "nio": "SwiftNIO", "peerloop": "PeerLoop"}
NEEDED = ["c", "peerloop"]


class Server(Process):
    """A server that says where it listens and ends on SIGTERM."""

    def begin(self):
        first, prefix = self.line(30), "listening on "
        if not first.startswith(prefix):
            raise Failed(f"{self.name} did not say where it listens but '{first}'")
        self.target = first[len(prefix):]

    def stop(self):
        if self.child.poll() is not None:
            raise Failed(f"{self.name} ended by itself, with status {self.child.returncode}")
        self.child.terminate()
        self.expect_end(15)

    def cpu_seconds(self):
        # The clock of a process, as clock_getcpuclockid makes it of its number.
        return time.clock_gettime(~self.pid << 3 | 2)

    def settle(self):
        """Waits until it has nothing left to do, such as closing connections."""
        before, deadline = self.cpu_seconds(), time.monotonic() + 20
        while time.monotonic() < deadline:
            time.sleep(0.15)
            now = self.cpu_seconds()
            if now - before < 0.001:
                return
            before = now
        raise Failed(f"{self.name} goes on computing with nothing to do")

    def resident_bytes(self):
        self.settle()
        path = pathlib.Path(f"/proc/{self.pid}/smaps_rollup")
        for line in path.read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
        raise Failed(f"{path} has no Rss")


class Programs:
    """What is run, and on which processors."""

    def __init__(self, options):
        self.paths = {
            "echo": {"c": options.baseline_echo, "libuv": BUILT / "uv_echo_server", "nio": NIO_BUILT / "nio-echo",
                     "peerloop": options.echo},
            "ping": {"c": options.baseline_ping, "libuv": BUILT / "uv_ping_server", "nio": NIO_BUILT / "nio-ping",
                     "peerloop": options.ping},
        }
        self.client, self.counter = options.client, BUILT / "allocations.so"
        processors = sorted(os.sched_getaffinity(0))
        self.client_cpu = processors[0] if options.client_cpu is None else options.client_cpu
        self.server_cpu = processors[-1] if options.server_cpu is None else options.server_cpu
        self.names = options.servers

    def require(self, kinds):
        """Takes out the rivals that were not built, and says so; without the others nothing can be done."""
        absent = {}
        for kind in sorted(kinds):
            for name in self.names:
                if not os.access(self.paths[kind][name], os.X_OK):
                    absent.setdefault(name, []).append(str(self.paths[kind][name]))
        needed = [path for name in NEEDED for path in absent.get(name, [])]
        if not os.access(self.client, os.X_OK):
            needed.append(str(self.client))
        if needed:
            raise Missing(f"not there: {', '.join(needed)} (make bench-loop builds them)")
        for name in absent:
            print(f"skipped: {NAMES[name]}, whose servers are not built: {', '.join(absent[name])}")
        self.names = [name for name in self.names if name not in absent]

    def server(self, name, kind, *arguments, **keywords):
        return Server([self.paths[kind][name], "--port", 0, *arguments], f"{NAMES[name]}'s {kind} server",
                      cpu=self.server_cpu, **keywords)

    def client_of(self, server, mode, **arguments):
        """A client, running or to be run; `size=32` becomes `--size 32`."""
        command = [self.client, "--target", server.target, "--server-pid", server.pid, "--mode", mode]
        for name, value in arguments.items():
            command += ["--" + name.replace("_", "-"), value]
        return Process(
            command, f"the client ({mode}) of {server.name}", cpu=self.client_cpu, stdin=subprocess.PIPE)

    def measure(self, server, seconds, mode, **arguments):
        """What one run of the client reports, which takes about so many seconds."""
        with self.client_of(server, mode, **arguments) as client:
            result = client.object(seconds + 60)
            client.expect_end(30)
            return result

    @contextlib.contextmanager
    def counted_server(self, name, kind):
        """A server whose allocations are counted in a file, as both."""
        with tempfile.NamedTemporaryFile() as file:
            environment = {**os.environ, "LD_PRELOAD": str(self.counter), "ALLOCATION_FILE": file.name}
            with self.server(name, kind, env=environment) as server:
                yield server, file.name
                server.stop()
