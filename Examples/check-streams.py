#!/usr/bin/env python3
"""What a shell cannot do to the proxy and the echo server: ends of one direction, resets, readers that stop.

usage: check-streams.py FOLDER-OF-BUILT-EXAMPLES ADDRESS:PORT-OF-A-PROXY-TO-AN-ECHO-SERVER
"""
import os
import socket
import struct
import subprocess
import sys
import threading

PATIENCE = 30
MEGABYTE = 1 << 20


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def check(is_good, text):
    if not is_good:
        sys.exit("check-streams: " + text)
    print("  " + text)


def resident_bytes(process):
    with open(f"/proc/{process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def read_to_end(connection):
    received = bytearray()
    while part := connection.recv(MEGABYTE):
        received += part
    return received


class Proxy:
    """A proxy to an address, for as long as the block lasts."""

    def __init__(self, program, target):
        self.process = subprocess.Popen([program, "127.0.0.1:0", target], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        if code != 0:
            sys.exit(f"check-streams: the proxy ended with exit code {code}")


def one_end_at_a_time(address):
    message = os.urandom(8 * MEGABYTE)
    connection = connect(address)

    def send():
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    received = read_to_end(connection)
    sender.join()
    check(received == message, "all that was sent before one direction ended comes back by the other")


def a_reader_that_stops(program):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE)
    with Proxy(program, "127.0.0.1:%d" % listener.getsockname()[1]) as proxy:
        near = connect(proxy.address)
        far, _ = listener.accept()
        far.settimeout(PATIENCE)
        before = resident_bytes(proxy.process)
        # Until nobody takes anything for a second.
        near.settimeout(1)
        block = os.urandom(MEGABYTE)
        sent = 0
        try:
            while sent < 256 * MEGABYTE:
                sent += near.send(block)
        except TimeoutError:
            pass
        near.settimeout(PATIENCE)
        check(sent < 64 * MEGABYTE, f"the sender has to wait for the reader, after {sent / MEGABYTE:.1f} MB")
        grown = resident_bytes(proxy.process) - before
        check(grown < 16 * MEGABYTE, f"the proxy grows by {grown / MEGABYTE:.1f} MB meanwhile")
        near.shutdown(socket.SHUT_WR)
        check(len(read_to_end(far)) == sent, "when it reads again it gets every byte, and then the end")
        far.sendall(b"the last word")
        far.close()
        check(read_to_end(near) == b"the last word", "and may still answer")


def ends_that_are_none(program):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE)
    with Proxy(program, "127.0.0.1:%d" % listener.getsockname()[1]) as proxy:
        near = connect(proxy.address)
        far, _ = listener.accept()
        far.settimeout(PATIENCE)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        near.close()
        try:
            far.recv(1)
            is_reset = False
        except ConnectionResetError:
            is_reset = True
        check(is_reset, "a reset is passed on as one")
        listener.close()
        try:
            is_refused = connect(proxy.address).recv(1) == b""
        except ConnectionResetError:
            is_refused = True
        check(is_refused, "who cannot be connected to the target is let go")


def main():
    program = os.path.join(sys.argv[1], "tcp-proxy")
    one_end_at_a_time(sys.argv[2])
    a_reader_that_stops(program)
    ends_that_are_none(program)


main()
