"""The primitive encodings: integers, CompactSize, strings and hashes."""

import hashlib
import struct


class Malformed(Exception):
    """A payload that ends too early or is not canonical."""


def double_sha256(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def compact_size(value):
    if value < 0xFD:
        return struct.pack("<B", value)
    if value <= 0xFFFF:
        return b"\xfd" + struct.pack("<H", value)
    if value <= 0xFFFFFFFF:
        return b"\xfe" + struct.pack("<I", value)
    return b"\xff" + struct.pack("<Q", value)


def var_bytes(data):
    return compact_size(len(data)) + data


def u64(text):
    """64-bit numbers cross JSON as text: a reader of doubles would round them."""
    return int(text, 0) if isinstance(text, str) else text


class Reader:
    """Takes fields off the front of a payload."""

    def __init__(self, data):
        self.data = data
        self.offset = 0

    @property
    def left(self):
        return len(self.data) - self.offset

    def take(self, count):
        if count > self.left:
            raise Malformed("%d bytes wanted, %d left" % (count, self.left))
        part = self.data[self.offset : self.offset + count]
        self.offset += count
        return part

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def port(self):
        return struct.unpack(">H", self.take(2))[0]

    def compact_size(self):
        first = self.number("B")
        if first < 0xFD:
            return first
        value = self.number({0xFD: "H", 0xFE: "I", 0xFF: "Q"}[first])
        if len(compact_size(value)) != {0xFD: 3, 0xFE: 5, 0xFF: 9}[first]:
            raise Malformed("a CompactSize that is not the shortest")
        return value

    def var_bytes(self):
        return self.take(self.compact_size())

    def hash(self):
        return self.take(32).hex()

    def list(self, read):
        return [read(self) for _ in range(self.compact_size())]


def write_list(items, write):
    return compact_size(len(items)) + b"".join(write(item) for item in items)
