"""The processes of a measurement: started, pinned, asked, and always ended."""

import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent
BUILT = PACKAGE / ".build" / "bench"


class Missing(Exception):
    """Something needed is not there."""


class Failed(Exception):
    """A process did not do what it must."""


class Programs:
    """What is run, and where."""

    def __init__(self, options):
        self.peerctl, self.client, self.receiver = options.peerctl, options.client, options.receiver
        self.ping_server = options.ping_server
        can_pin = not options.no_pin and shutil.which("taskset") is not None
        processors = sorted(os.sched_getaffinity(0))
        self.is_pinned = can_pin and len(processors) >= 2
        self.client_cpu = processors[0] if options.client_cpu is None else options.client_cpu
        self.server_cpu = processors[-1] if options.server_cpu is None else options.server_cpu

    def require(self, *names):
        absent = [str(getattr(self, name)) for name in names if not os.access(getattr(self, name), os.X_OK)]
        if absent:
            raise Missing(f"bench-peer: not there: {', '.join(absent)} (make bench-peer builds them)")

    def pin(self, command, cpu):
        return ["taskset", "-c", str(cpu)] + command if self.is_pinned else command


class Process:
    """A child whose lines of output are read as they come; ended, at the latest, when its `with` block is left."""

    def __init__(self, command, name, **keywords):
        self.name = name
        # In a session of its own, so that a Ctrl-C on the terminal reaches this process only, which then ends it.
        self.child = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, text=True, start_new_session=True, **keywords)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(line.strip())
        self.lines.put(None)

    def line(self, seconds):
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            raise Failed(f"{self.name} said nothing for {seconds:g} s") from None
        if line is None:
            raise Failed(f"{self.name} ended with status {self.child.wait(timeout=10)}")
        return line

    def event(self, name, seconds):
        """The next event, which must be this one."""
        event = json.loads(self.line(seconds))
        if event["event"] != name:
            raise Failed(f"{self.name} said {event} where '{name}' was due")
        return event

    def stop(self):
        self.child.send_signal(signal.SIGTERM)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.stop()
            try:
                self.child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.child.stdin is not None:
            self.child.stdin.close()


class Server(Process):
    """`peerctl serve`, which ends with its stdin, and so with this process."""

    def __init__(self, programs, *arguments):
        command = [programs.peerctl, "serve", "--json", "--exit-with-stdin", *arguments]
        super().__init__(programs.pin(command, programs.server_cpu), "peerctl serve", stdin=subprocess.PIPE)
        try:
            first = self.event("listening", 60)
        except BaseException:
            self.__exit__()
            raise
        self.target, self.pid = f"{first['address']}:{first['port']}", first["pid"]
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
        super().__init__(programs.pin(command, programs.client_cpu), f"peer_client --work {work}")
        self.patience = arguments.get("duration_ms", 3000) / 1000 + 120

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
