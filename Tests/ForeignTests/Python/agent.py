"""The independent peer as a child process: connects or listens, and says and hears what it is told to."""

from peer import framing, messages, orders
from peer.attacks import ATTACKS
from peer.connection import Connection, listen


def frame_of(item):
    """The bytes of a frame that an order describes: right, or wrong where it says so."""
    if "bytes" in item:
        return bytes.fromhex(item["bytes"])
    if "payload" in item:
        payload = bytes.fromhex(item["payload"])
    elif "zeros" in item:
        payload = bytes(item["zeros"])
    else:
        payload = messages.encode(item["command"], item.get("fields", {}))
    payload += bytes.fromhex(item.get("more", ""))
    name = bytes.fromhex(item["commandHex"]) if "commandHex" in item else item["command"]
    checksum = bytes.fromhex(item["checksum"]) if "checksum" in item else None
    magic = framing.MAGIC[item.get("magic", "regtest")]
    return framing.frame(name, payload, magic, item.get("length"), checksum)


class Agent:
    """One listening socket and any number of connections by name."""

    def __init__(self):
        self.listener = None
        self.connections = {}

    def listen(self):
        self.listener = listen()
        return {"port": self.listener.getsockname()[1]}

    def accept(self, on="main"):
        sock, _ = self.listener.accept()
        self.connections[on] = Connection(sock)

    def dial(self, port, on="main"):
        self.connections[on] = Connection.dial(port)

    def say(self, frames, on="main"):
        self.connections[on].write(b"".join(frame_of(item) for item in frames))

    def hear(self, count=1, on="main"):
        """So many frames, fewer when the stream ends before."""
        connection = self.connections[on]
        frames = []
        while len(frames) < count:
            found = connection.read()
            if found is None:
                break
            frames.append(found)
        return {"frames": frames, "end": connection.ended}

    def until(self, command, on="main"):
        """The frames up to the next of a command, this one included."""
        connection = self.connections[on]
        frames = []
        while not frames or frames[-1]["command"] != command:
            found = connection.read()
            if found is None:
                break
            frames.append(found)
        return {"frames": frames, "end": connection.ended}

    def drain(self, on="main"):
        """All frames until the stream ends, and how it does."""
        return self.hear(1 << 30, on)

    def expect(self, frames, on="main"):
        """Compares what comes, byte for byte, with what this side would have written."""
        connection = self.connections[on]
        for number, item in enumerate(frames):
            raw = connection.read_raw()
            want = frame_of(item)
            got = b"".join(raw) if raw else b""
            if got != want:
                return {"error": "frame %d is %s instead of %s" % (number, got.hex(), want.hex())}
        return {}

    def close(self, on="main"):
        self.connections.pop(on).close()

    def reset(self, on="main"):
        self.connections.pop(on).reset()

    def shut(self, on="main"):
        self.connections[on].shut_down_writing()

    def handlers(self):
        own = ["listen", "accept", "dial", "say", "hear", "until", "drain", "expect", "close", "reset", "shut"]
        return {**{name: getattr(self, name) for name in own}, **ATTACKS}


if __name__ == "__main__":
    orders.serve(Agent().handlers())
