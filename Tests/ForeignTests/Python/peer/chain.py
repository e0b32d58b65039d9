"""Transactions, block headers and blocks."""

import struct

from .fields import Reader, double_sha256, var_bytes, write_list


def write_input(item):
    return (
        bytes.fromhex(item["previous"])
        + struct.pack("<I", item["index"])
        + var_bytes(bytes.fromhex(item["script"]))
        + struct.pack("<I", item["sequence"])
    )


def read_input(reader: Reader):
    return {
        "previous": reader.hash(),
        "index": reader.number("I"),
        "script": reader.var_bytes().hex(),
        "sequence": reader.number("I"),
    }


def write_output(item):
    return struct.pack("<q", item["value"]) + var_bytes(bytes.fromhex(item["script"]))


def read_output(reader: Reader):
    return {"value": reader.number("q"), "script": reader.var_bytes().hex()}


def write_transaction(item):
    return (
        struct.pack("<i", item["version"])
        + write_list(item["inputs"], write_input)
        + write_list(item["outputs"], write_output)
        + struct.pack("<I", item["lock"])
    )


def read_transaction(reader: Reader):
    start = reader.offset
    item = {
        "version": reader.number("i"),
        "inputs": reader.list(read_input),
        "outputs": reader.list(read_output),
        "lock": reader.number("I"),
    }
    item["id"] = double_sha256(reader.data[start : reader.offset]).hex()
    return item


def write_header(item):
    return (
        struct.pack("<i", item["version"])
        + bytes.fromhex(item["previous"])
        + bytes.fromhex(item["merkle"])
        + struct.pack("<III", item["time"], item["bits"], item["nonce"])
    )


def read_header(reader: Reader):
    start = reader.offset
    item = {
        "version": reader.number("i"),
        "previous": reader.hash(),
        "merkle": reader.hash(),
        "time": reader.number("I"),
        "bits": reader.number("I"),
        "nonce": reader.number("I"),
    }
    item["hash"] = double_sha256(reader.data[start : reader.offset]).hex()
    return item


def write_block(item):
    return write_header(item["header"]) + write_list(item["transactions"], write_transaction)


def read_block(reader: Reader):
    item = {"header": read_header(reader), "transactions": reader.list(read_transaction)}
    item["root"] = merkle_root([transaction["id"] for transaction in item["transactions"]])
    return item


def merkle_root(ids):
    """The root over transaction ids in wire order; the last of an odd row is paired with itself."""
    row = [bytes.fromhex(item) for item in ids]
    while len(row) > 1:
        if len(row) % 2:
            row.append(row[-1])
        row = [double_sha256(row[i] + row[i + 1]) for i in range(0, len(row), 2)]
    return row[0].hex()
