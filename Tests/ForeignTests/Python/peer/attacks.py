"""What a hostile peer does, too often or too much to be ordered step by step."""

import socket
import time

from . import framing, messages
from .connection import Connection

CHUNK = 4096


def shaken(port, receive_buffer=None):
    """A connection that has done its handshake as the dialling side."""
    connection = Connection.dial(port, receive_buffer)
    connection.write_frame("version")
    connection.write_frame("verack")
    while connection.read()["command"] != "verack":
        pass
    return connection


held = []


def hold(port, count, handshake):
    """Opens connections that are kept and never read again, with or without a handshake."""
    for _ in range(count):
        held.append(shaken(port) if handshake else Connection.dial(port))


def claim(port, count, command, length, sent):
    """Opens connections that each wait to be asked for something, announce one long payload and send only its first
    bytes."""
    for _ in range(count):
        connection = shaken(port)
        held.append(connection)
        while connection.read()["command"] != "getdata":
            pass
        connection.write(framing.frame(command, bytes(sent), length=length))


def release():
    """Closes all that was held. How many of them the other side had ended before."""
    ended = 0
    for connection in held:
        connection.socket.settimeout(0.001)
        try:
            while True:
                if not connection.socket.recv(1 << 16):
                    ended += 1
                    break
        except ConnectionResetError:
            ended += 1
        except (socket.timeout, BlockingIOError):
            pass
        connection.close()
    held.clear()
    return {"ended": ended}


def flood(port, command, fields, seconds, receive_buffer=4096):
    """Sends one message on and on and reads nothing, until the other side ends it or time is up."""
    connection = shaken(port, receive_buffer)
    piece = framing.frame(command, messages.encode(command, fields)) * CHUNK
    end = time.monotonic() + seconds
    connection.socket.settimeout(0.2)
    sent = 0
    outcome = "time"
    while time.monotonic() < end:
        try:
            sent += connection.socket.send(piece[sent % len(piece) :])
        except socket.timeout:
            continue
        except (ConnectionResetError, BrokenPipeError):
            outcome = "ended"
            break
    held.append(connection)
    return {"sent": sent, "outcome": outcome}


def storm(port, count, data):
    """Opens connections one after another, each of which sends the same bytes behind a handshake. How they end."""
    ends = {}
    for _ in range(count):
        connection = shaken(port)
        connection.write(bytes.fromhex(data))
        while connection.read() is not None:
            pass
        ends[connection.ended] = ends.get(connection.ended, 0) + 1
        connection.close()
    return {"ends": ends}


def repeat(port, data, times):
    """Sends the same bytes many times behind a handshake, then a ping, and waits for its pong."""
    connection = shaken(port)
    connection.write(bytes.fromhex(data) * times)
    connection.write_frame("ping", {"nonce": "0x7fffffffffffffff"})
    found = connection.read()
    while found is not None and found.get("fields") != {"nonce": "0x7fffffffffffffff"}:
        found = connection.read()
    connection.close()
    return {"end": connection.ended or "pong"}


def churn(port, count):
    """Comes and goes in every way: with a goodbye, a reset, silence, half a frame, half a handshake, a wrong one."""
    version = framing.frame("version", messages.encode("version", {}))
    ways = [
        lambda c: c.close(),
        lambda c: c.reset(),
        lambda c: (c.write(version[:30]), c.reset()),
        lambda c: (c.write(version), c.close()),
        lambda c: (c.write(version), c.read(), c.reset()),
        lambda c: (c.write(framing.frame("verack")), c.close()),
        lambda c: (c.write(version + framing.frame("verack")), c.read(), c.read(), c.read(), c.close()),
        lambda c: (c.write(version + framing.frame("verack")), c.read(), c.reset()),
    ]
    for number in range(count):
        ways[number % len(ways)](Connection.dial(port))


ATTACKS = {
    "hold": hold,
    "claim": claim,
    "release": release,
    "flood": flood,
    "storm": storm,
    "repeat": repeat,
    "churn": churn,
}
