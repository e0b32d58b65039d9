"""Network addresses: those of version, of addr and of addrv2."""

import ipaddress
import struct

from .fields import Reader, compact_size, u64, var_bytes

V4_PREFIX = bytes(10) + b"\xff\xff"


def write_address(entry):
    """26 bytes, as in version."""
    ip = ipaddress.ip_address(entry.get("ip", "0.0.0.0"))
    packed = V4_PREFIX + ip.packed if ip.version == 4 else ip.packed
    return struct.pack("<Q", u64(entry.get("services", 0))) + packed + struct.pack(">H", entry.get("port", 0))


def read_address(reader: Reader):
    services = reader.number("Q")
    packed = reader.take(16)
    ip = ipaddress.ip_address(packed[12:]) if packed.startswith(V4_PREFIX) else ipaddress.ip_address(packed)
    return {"services": hex(services), "ip": str(ip), "port": reader.port()}


def write_timed_address(entry):
    return struct.pack("<I", entry["time"]) + write_address(entry)


def read_timed_address(reader: Reader):
    time = reader.number("I")
    return {"time": time, **read_address(reader)}


def write_address_v2(entry):
    return (
        struct.pack("<I", entry["time"])
        + compact_size(u64(entry["services"]))
        + struct.pack("<B", entry["network"])
        + var_bytes(bytes.fromhex(entry["address"]))
        + struct.pack(">H", entry["port"])
    )


def read_address_v2(reader: Reader):
    return {
        "time": reader.number("I"),
        "services": hex(reader.compact_size()),
        "network": reader.number("B"),
        "address": reader.var_bytes().hex(),
        "port": reader.port(),
    }
