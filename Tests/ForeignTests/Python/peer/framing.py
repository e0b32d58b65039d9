"""Frames: the 24-byte header and the payload behind it."""

import struct

from .fields import double_sha256

MAGIC = {
    "mainnet": bytes.fromhex("e3e1f3e8"),
    "testnet3": bytes.fromhex("f4e5f3f4"),
    "testnet4": bytes.fromhex("e2b7daaf"),
    "regtest": bytes.fromhex("dab5bffa"),
}
HEADER_LENGTH = 24


class NotAFrame(Exception):
    """Another magic, or a checksum that does not match."""


def frame(command, payload=b"", magic=MAGIC["regtest"], length=None, checksum=None):
    """A frame, with a length and checksum of the caller's where it is to be wrong."""
    name = command if isinstance(command, bytes) else command.encode("ascii")
    if checksum is None:
        checksum = double_sha256(payload)[:4]
    return (
        magic
        + name.ljust(12, b"\0")
        + struct.pack("<I", len(payload) if length is None else length)
        + checksum
        + payload
    )


def read_header(header, magic=MAGIC["regtest"]):
    """The command, the payload's length and its checksum."""
    if header[:4] != magic:
        raise NotAFrame("magic %s" % header[:4].hex())
    name = header[4:16].rstrip(b"\0").decode("latin-1")
    return name, struct.unpack("<I", header[16:20])[0], header[20:24]


def check(payload, checksum):
    if double_sha256(payload)[:4] != checksum:
        raise NotAFrame("checksum %s" % checksum.hex())
