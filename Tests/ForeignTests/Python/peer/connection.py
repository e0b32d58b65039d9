"""One TCP connection that carries frames."""

import socket
import struct

from . import framing, messages

# Seconds that one call waits for the other side: never reached when all is well.
PATIENCE = 20


class Connection:
    """Frames out and in over a socket; `ended` says how the stream ended, once it has."""

    def __init__(self, sock):
        self.socket = sock
        self.ended = None
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def dial(cls, port, receive_buffer=None):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Before connecting, so that it bounds the window.
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(PATIENCE)
        sock.connect(("127.0.0.1", port))
        return cls(sock)

    def write(self, data):
        self.socket.sendall(data)

    def _exactly(self, count):
        """So many bytes, or None when the stream ends before."""
        data = bytearray()
        while len(data) < count:
            try:
                part = self.socket.recv(min(count - len(data), 1 << 20))
            except ConnectionResetError:
                self.ended = "reset"
                return None
            if not part:
                self.ended = "cut" if data else "end"
                return None
            data += part
        return bytes(data)

    def read_raw(self):
        """The next frame as it came: its header and its payload; None at the end of the stream."""
        header = self._exactly(framing.HEADER_LENGTH)
        if header is None:
            return None
        _, length, checksum = framing.read_header(header)
        payload = self._exactly(length)
        if payload is None:
            return None
        framing.check(payload, checksum)
        return header, payload

    def read(self):
        """The next frame as a dictionary."""
        raw = self.read_raw()
        if raw is None:
            return None
        header, payload = raw
        command, _, _ = framing.read_header(header)
        found = {"command": command, "payload": payload.hex()}
        fields = messages.decode(command, payload)
        if fields is not None:
            found["fields"] = fields
        return found

    def write_frame(self, command, fields=None):
        self.write(framing.frame(command, messages.encode(command, fields or {})))

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def shut_down_writing(self):
        self.socket.shutdown(socket.SHUT_WR)


def listen():
    """A listening socket on a port the system chooses."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("127.0.0.1", 0))
    sock.listen(64)
    sock.settimeout(PATIENCE)
    return sock
