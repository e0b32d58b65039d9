"""Children of a measurement: started on a processor, listened to, and always ended."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading


class Missing(Exception):
    """Something needed is not there."""


class Failed(Exception):
    """A process did not do what it must."""


class Interrupts:
    """SIGINT, SIGTERM and SIGHUP end this process in order, and its children with it.

    While a child is being started they wait, so that none is left of which nobody knows; after the first, others are
    ignored, so that the ending is not cut short.
    """
    is_starting = False
    is_due = False

    @classmethod
    def watch(cls):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, cls.came)

    @classmethod
    def came(cls, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if not cls.is_starting:
            raise KeyboardInterrupt
        cls.is_due = True

    @classmethod
    def started(cls):
        cls.is_starting = False
        if cls.is_due:
            raise KeyboardInterrupt


class Process:
    """A child whose lines of output are read as they come; ended, at the latest, when its `with` block is left."""

    def __init__(self, command, name, cpu=None, **keywords):
        self.command, self.name, self.cpu, self.keywords = [str(word) for word in command], name, cpu, keywords
        self.child = None
        self.lines = queue.Queue()

    def __enter__(self):
        Interrupts.is_starting = True
        everywhere = os.sched_getaffinity(0)
        try:
            if self.cpu is not None:
                # What is started inherits it.
                os.sched_setaffinity(0, {self.cpu})
            # In a session of its own, so that a Ctrl-C on the terminal reaches this process only, which then ends it.
            self.child = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, text=True, start_new_session=True, **self.keywords)
        finally:
            os.sched_setaffinity(0, everywhere)
            if self.child is None:
                Interrupts.started()
        try:
            Interrupts.started()
            threading.Thread(target=self._read, daemon=True).start()
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(line.strip())
        self.lines.put(None)

    def begin(self):
        """What is to be done once it runs."""

    @property
    def pid(self):
        return self.child.pid

    def line(self, seconds):
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            raise Failed(f"{self.name} said nothing for {seconds:g} s") from None
        if line is None:
            raise Failed(f"{self.name} ended with status {self.child.wait(timeout=10)}")
        return line

    def object(self, seconds):
        """The next JSON object, on one line or several."""
        text = ""
        while True:
            text += self.line(seconds)
            try:
                return json.loads(text)
            except json.JSONDecodeError:
                continue

    def event(self, name, seconds):
        """The next line's event, which must be this one."""
        event = json.loads(self.line(seconds))
        if event["event"] != name:
            raise Failed(f"{self.name} said {event} where '{name}' was due")
        return event

    def tell(self, text):
        try:
            self.child.stdin.write(text + "\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self.name} ended with status {self.child.wait(timeout=10)}") from None

    def expect_end(self, seconds):
        try:
            status = self.child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} does not end") from None
        if status != 0:
            raise Failed(f"{self.name} ended with status {status}")

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.child.stdin.close()
