"""What `bench-peer.py` measures, and what it measures it with."""

import os
import pathlib
import subprocess
import time

from children import Failed, Missing, Process

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent
BUILT = PACKAGE / ".build" / "bench"


class Programs:
    """What is run, and where."""

    def __init__(self, options):
        self.peerctl, self.client, self.receiver = options.peerctl, options.client, options.receiver
        self.ping_server = options.ping_server
        processors = sorted(os.sched_getaffinity(0))
        self.is_pinned = not options.no_pin and len(processors) >= 2
        # A process without a processor of its own runs on any.
        self.client_cpu = self._pinned(processors[0] if options.client_cpu is None else options.client_cpu)
        self.server_cpu = self._pinned(processors[-1] if options.server_cpu is None else options.server_cpu)

    def require(self, *names):
        absent = [str(getattr(self, name)) for name in names if not os.access(getattr(self, name), os.X_OK)]
        if absent:
            raise Missing(f"bench-peer: not there: {', '.join(absent)} (make bench-peer builds them)")

    def _pinned(self, cpu):
        return cpu if self.is_pinned else None


class Server(Process):
    """`peerctl serve`, which ends with its stdin, and so with this process."""

    def __init__(self, programs, *arguments):
        command = [programs.peerctl, "serve", "--json", "--exit-with-stdin", *arguments]
        super().__init__(command, "peerctl serve", cpu=programs.server_cpu, stdin=subprocess.PIPE)

    def begin(self):
        first = self.event("listening", 60)
        self.target = f"{first['address']}:{first['port']}"
        time.sleep(0.2)

    def resident_bytes(self):
        return kernel_bytes(f"/proc/{self.pid}/smaps_rollup", "Rss:")

    def peak_bytes(self):
        return kernel_bytes(f"/proc/{self.pid}/status", "VmHWM:")


def kernel_bytes(path, name):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise Failed(f"{path} has no {name}")


class Client(Process):
    """`peer_client` against a server."""

    def __init__(self, programs, server, work, nice=0, **arguments):
        command = [programs.client, "--target", server.target, "--server-pid", server.pid, "--work", work]
        for name, value in arguments.items():
            command += ["--" + name.replace("_", "-")] + ([] if value is True else [value])
        command = (["nice", "-n", str(nice)] if nice else []) + command
        super().__init__(command, f"peer_client --work {work}", cpu=programs.client_cpu)
        self.patience = arguments.get("duration_ms", 3000) / 1000 + 120

    def stop(self):
        self.child.terminate()

    def connected(self):
        return self.event("connected", 90)

    def measuring(self):
        return self.event("measuring", 120)

    def done(self):
        return self.event("done", self.patience)

    def result(self):
        """To the end: what it said of its connecting, and of its work."""
        connected = self.connected()
        self.measuring()
        return connected, self.done()
