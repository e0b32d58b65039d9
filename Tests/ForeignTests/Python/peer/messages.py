"""Payloads by command, written from and read into plain dictionaries."""

import struct
import time

from . import addresses, chain
from .fields import Reader, compact_size, u64, var_bytes, write_list

SERVICES = 0x21
INVENTORY = {"tx": 1, "block": 2, "filtered": 3, "compact": 4, "dsproof": 0x94A0}
INVENTORY_NAMES = {number: name for name, number in INVENTORY.items()}


def write_version(f):
    """All of it, or with "cut" only so many bytes: the tail after the receiver's address is optional."""
    payload = (
        struct.pack("<i", f.get("version", 70016))
        + struct.pack("<Q", u64(f.get("services", SERVICES)))
        + struct.pack("<q", f.get("time", int(time.time())))
        + addresses.write_address(f.get("receiver", {}))
        + addresses.write_address(f.get("sender", {"services": f.get("services", SERVICES)}))
        + struct.pack("<Q", u64(f.get("nonce", "0x0123456789abcdef")))
        + var_bytes(f.get("agent", "/foreign:1.0/").encode("utf-8"))
        + struct.pack("<i", f.get("height", 77))
        + struct.pack("<B", f.get("relay", 1))
    )
    return payload[: f["cut"]] if "cut" in f else payload


def read_version(r: Reader):
    f = {
        "version": r.number("i"),
        "services": hex(r.number("Q")),
        "time": r.number("q"),
        "receiver": addresses.read_address(r),
    }
    if r.left:
        f["sender"] = addresses.read_address(r)
    if r.left:
        f["nonce"] = hex(r.number("Q"))
    if r.left:
        f["agent"] = r.var_bytes().decode("latin-1")
    if r.left:
        f["height"] = r.number("i")
    if r.left:
        f["relay"] = r.number("B")
    return f


def write_nonce(f):
    return struct.pack("<Q", u64(f["nonce"]))


def read_nonce(r: Reader):
    return {"nonce": hex(r.number("Q"))}


def write_inventory(f):
    return write_list(
        f["items"], lambda item: struct.pack("<I", INVENTORY.get(item[0], item[0])) + bytes.fromhex(item[1])
    )


def read_inventory(r: Reader):
    def one(reader):
        kind = reader.number("I")
        return [INVENTORY_NAMES.get(kind, str(kind)), reader.hash()]

    return {"items": r.list(one)}


def write_locator(f):
    return (
        struct.pack("<I", f.get("version", 70016))
        + write_list(f["locator"], bytes.fromhex)
        + bytes.fromhex(f.get("stop", "00" * 32))
    )


def read_locator(r: Reader):
    return {"version": r.number("I"), "locator": r.list(Reader.hash), "stop": r.hash()}


def write_headers(f):
    return write_list(f["headers"], lambda item: chain.write_header(item) + compact_size(0))


def read_headers(r: Reader):
    def one(reader):
        header = chain.read_header(reader)
        reader.compact_size()
        return header

    return {"headers": r.list(one)}


def write_reject(f):
    """The quoted command is text, or bytes in hexadecimal where it is none."""
    command = bytes.fromhex(f["commandHex"]) if "commandHex" in f else f["command"].encode("ascii")
    payload = var_bytes(command) + struct.pack("<B", f["code"]) + var_bytes(f["reason"].encode("ascii"))
    return payload + bytes.fromhex(f.get("hash", ""))


def read_reject(r: Reader):
    f = {
        "command": r.var_bytes().decode("latin-1"),
        "code": r.number("B"),
        "reason": r.var_bytes().decode("latin-1"),
    }
    if r.left >= 32:
        f["hash"] = r.hash()
    return f


def write_map(f):
    return write_list(
        f["entries"], lambda pair: compact_size(u64(pair[0])) + var_bytes(bytes.fromhex(pair[1]))
    )


def read_map(r: Reader):
    return {"entries": r.list(lambda reader: [hex(reader.compact_size()), reader.var_bytes().hex()])}


def write_entries(write):
    return lambda f: write_list(f["entries"], write)


def read_entries(read):
    return lambda r: {"entries": r.list(read)}


def write_filter_load(f):
    return var_bytes(bytes.fromhex(f["filter"])) + struct.pack("<IIB", f["functions"], f["tweak"], f["flags"])


def read_filter_load(r: Reader):
    return {
        "filter": r.var_bytes().hex(),
        "functions": r.number("I"),
        "tweak": r.number("I"),
        "flags": r.number("B"),
    }


def write_checkpoints(f):
    return (
        struct.pack("<B", f["type"]) + bytes.fromhex(f["stop"]) + write_list(f["headers"], bytes.fromhex)
    )


def read_checkpoints(r: Reader):
    return {"type": r.number("B"), "stop": r.hash(), "headers": r.list(Reader.hash)}


def nothing_to_write(_):
    return b""


def nothing_to_read(_):
    return {}


EMPTY = ["verack", "sendaddrv2", "getaddr", "sendheaders", "mempool", "filterclear", "xverack"]

# Each command with how its payload is written and read.
CODECS = {
    **{name: (nothing_to_write, nothing_to_read) for name in EMPTY},
    "version": (write_version, read_version),
    "ping": (write_nonce, read_nonce),
    "pong": (write_nonce, read_nonce),
    "inv": (write_inventory, read_inventory),
    "getdata": (write_inventory, read_inventory),
    "notfound": (write_inventory, read_inventory),
    "getblocks": (write_locator, read_locator),
    "getheaders": (write_locator, read_locator),
    "headers": (write_headers, read_headers),
    "tx": (chain.write_transaction, chain.read_transaction),
    "block": (chain.write_block, chain.read_block),
    "addr": (write_entries(addresses.write_timed_address), read_entries(addresses.read_timed_address)),
    "addrv2": (write_entries(addresses.write_address_v2), read_entries(addresses.read_address_v2)),
    "extversion": (write_map, read_map),
    "xversion": (write_map, read_map),
    "reject": (write_reject, read_reject),
    "feefilter": (lambda f: struct.pack("<q", f["rate"]), lambda r: {"rate": r.number("q")}),
    "sendcmpct": (
        lambda f: struct.pack("<BQ", f["announce"], f["version"]),
        lambda r: {"announce": r.number("B"), "version": r.number("Q")},
    ),
    "filterload": (write_filter_load, read_filter_load),
    "filteradd": (lambda f: var_bytes(bytes.fromhex(f["data"])), lambda r: {"data": r.var_bytes().hex()}),
    "cfcheckpt": (write_checkpoints, read_checkpoints),
}


def encode(command, fields):
    return CODECS[command][0](fields)


def decode(command, payload):
    """The fields of a payload; None for a command that has no codec here."""
    if command not in CODECS:
        return None
    reader = Reader(payload)
    fields = CODECS[command][1](reader)
    if reader.left:
        fields["left"] = reader.left
    return fields
